package transfer_test

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

func TestTransfer(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, transfer.Area.Title)
}

// sparse lets an upload begin beyond the end of a file, as file systems do.
type sparse struct{ *ftptest.Memory }

func (f sparse) Create(path string, keep int64) (ftptest.Upload, error) {
	if keep > 0 {
		if info, err := f.Stat(path); err != nil || info.Size < keep {
			if err := f.WriteZeros(path, keep); err != nil {
				return nil, err
			}
		}
	}
	return f.Memory.Create(path, keep)
}

// The faults with a setting of their own, and those that are to be seen through
// TLS, which the standard setting has. All others are judged in clear, where some
// of them show only.
var (
	limited   = []string{"stor-over-limit"}
	stalling  = []string{"retr-stall-forever"}
	silent    = []string{"no-final-reply", "retr-stall", "retr-no-mark", "retr-no-end"}
	protected = []string{"retr-corrupt", "stor-corrupt", "retr-block-short", "stor-keeps-tail", "abor-stale", "nlst-bare-names"}
	elsewhere = slices.Concat(limited, stalling, silent, protected)
	clear     = func() (names []string) {
		for _, f := range ftptest.Faults() {
			if !slices.Contains(elsewhere, f.Name) {
				names = append(names, f.Name)
			}
		}
		return names
	}()
)

// inClear is a server without TLS, on files of any size. What is silent is waited
// for; a tenth of the time will do here.
func inClear(c *ftptest.Config, j *spec.Judge) {
	c.TLS = nil
	c.FS = sparse{ftptest.NewMemory()}
	j.Shorten = 10
}

var _ = func() bool {
	twins.Prove(transfer.Area,
		twins.Setting{
			Name:   "in clear",
			Faults: clear,
			Apply:  inClear,
		},
		twins.Setting{
			Name:   "a limit of storage",
			Faults: limited,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c, j)
				c.MaxUpload = spec.BigSize
				j.Declared.Quota = spec.BigSize
			},
		},
		twins.Setting{
			Name:   "little patience with transfers that stall",
			Faults: stalling,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c, j)
				c.StallTimeout = 4 * time.Second
				j.Slow, j.Shorten = true, 45
			},
		},
		twins.Setting{
			Name:   "a short timeout",
			Faults: silent,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				inClear(c, j)
				j.Dialer.Timeout = 6 * time.Second
			},
		},
	)
	return true
}()
