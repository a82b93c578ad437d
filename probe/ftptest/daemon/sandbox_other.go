//go:build !linux

package daemon

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

var errLinuxOnly = errors.New("the daemons run on Linux only")

func supported() error { return errLinuxOnly }

func sandbox(string, string, bool, setup) *exec.Cmd { panic(errLinuxOnly) }

func lock(context.Context, string) (func(), error) { return nil, errLinuxOnly }

func tryLock(string) (*os.File, error) { return nil, errLinuxOnly }
