package security_test

import (
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/security"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestSecurity(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, security.Area.Title)
}

// ports are given out so that no two servers have the same: they are judged at the
// same time.
var ports atomic.Int32

func init() { ports.Store(41099) }

var _ = func() bool {
	twins.Prove(security.Area,
		twins.Setting{
			Name:   "a confined account",
			Faults: []string{"sec-escape"},
			Apply:  func(_ *ftptest.Config, j *spec.Judge) { j.Declared.Confined = true },
		},
		twins.Setting{
			Name:   "few ports and little patience",
			Faults: []string{"sec-ports-not-released", "sec-silent-lock-out"},
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				last := uint16(ports.Add(20))
				c.PassivePorts = ftptest.Range{First: last - 19, Last: last}
				j.Shorten, j.Dialer.Timeout = 20, 3*time.Second
			},
		},
		twins.Setting{
			Name:   "little patience",
			Faults: []string{"sec-limit-hangs"},
			Apply:  func(_ *ftptest.Config, j *spec.Judge) { j.Shorten, j.Dialer.Timeout = 20, 3*time.Second },
		},
	)
	return true
}()
