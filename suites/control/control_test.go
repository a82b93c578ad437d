package control_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/control"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestControl(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, control.Area.Title)
}

// shorten divides the waits of the requirements, and the timeout of the server.
const shorten = 100

// idle are the faults that take an idle timeout to show.
var idle = []string{"ctl-open-after-closing", "ctl-idle-short", "ctl-idle-forever", "ctl-idle-in-transfer"}

// spontaneous shows after six seconds of silence.
const spontaneous = "ctl-spontaneous-reply"

var _ = func() bool {
	var others []string
	for _, f := range ftptest.Faults() {
		if strings.HasPrefix(f.Name, "ctl-") && f.Name != spontaneous && !slices.Contains(idle, f.Name) {
			others = append(others, f.Name)
		}
	}
	twins.Prove(control.Area,
		twins.Setting{
			Name:   "an idle timeout, and leave to wait for it",
			Faults: idle,
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				j.Slow, j.Shorten = true, shorten
				j.Declared.IdleTimeout = 10 * time.Minute
				c.IdleTimeout = j.Declared.IdleTimeout / shorten
			},
		},
		twins.Setting{
			Name:   "little patience, for what never comes",
			Faults: others,
			Apply: func(_ *ftptest.Config, j *spec.Judge) {
				j.Shorten = shorten
				j.Dialer.Timeout = 10 * time.Second
			},
		},
	)
	return true
}()
