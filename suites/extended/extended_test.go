package extended_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/extended"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestExtended(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, extended.Area.Title)
}

var _ = func() bool {
	twins.Prove(extended.Area,
		twins.Setting{Name: "IPv6", Faults: []string{"epsv-other-family"},
			Apply: func(c *ftptest.Config, _ *spec.Judge) { c.Addr = "[::1]:0" }},
		// Each connect takes its time.
		twins.Setting{Name: "short patience", Faults: []string{"pasv-filtered"},
			Apply: func(_ *ftptest.Config, j *spec.Judge) { j.Dialer.Timeout = 3 * time.Second }},
	)
	return true
}()
