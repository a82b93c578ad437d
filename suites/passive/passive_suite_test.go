package passive_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/passive"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestPassive(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, passive.Area.Title)
}

// Faults that show only after seconds or hundreds of transfers, that make every
// connect take its time, that do not come to pass when a TLS handshake fails
// first, and that need IPv6.
var (
	late     = []string{"pasv-drops-early-data", "pasv-impatient", "pasv-tires"}
	filtered = []string{"pasv-filtered"}
	clear    = []string{"pasv-closed-data-hangs", "pasv-one-port"}
	six      = []string{"pasv-on-ipv-six"}
)

// The other faults show where waits are short.
func hasty() (names []string) {
	for _, f := range ftptest.Faults() {
		if !slices.Contains(slices.Concat(late, filtered, clear, six), f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// part is the area with the requirements that are, or are not, among some.
func part(title string, among bool, ids ...string) spec.Area {
	area := spec.Area{Prefix: passive.Area.Prefix, Title: title}
	for _, r := range passive.Area.Requirements {
		if slices.Contains(ids, r.ID) == among {
			area.Requirements = append(area.Requirements, r)
		}
	}
	return area
}

// Two requirements need a server on which the others find no time or no ports.
const absent, exhausted = "PASV-024", "PASV-028"

func shorten(_ *ftptest.Config, j *spec.Judge) { j.Shorten = 10 }

var _ = func() bool {
	twins.Prove(part(passive.Area.Title, false, absent, exhausted),
		twins.Setting{Name: "short waits", Faults: hasty(), Apply: shorten},
		twins.Setting{Name: "short patience", Faults: filtered, Apply: func(c *ftptest.Config, j *spec.Judge) {
			shorten(c, j)
			j.Dialer.Timeout = 3 * time.Second
		}},
		twins.Setting{Name: "in clear", Faults: clear, Apply: func(c *ftptest.Config, j *spec.Judge) {
			shorten(c, j)
			c.TLS = nil
		}},
		twins.Setting{Name: "IPv6", Faults: six, Apply: func(c *ftptest.Config, _ *spec.Judge) { c.Addr = "[::1]:0" }},
	)

	twins.Prove(part("Passive mode (PASV) without a data connection", true, absent),
		twins.Setting{Name: "impatient server", Faults: []string{"pasv-absent-data-complete"}, Apply: func(c *ftptest.Config, j *spec.Judge) {
			shorten(c, j)
			c.AcceptTimeout = 2 * time.Second
			j.Slow = true
		}},
	)

	var servers atomic.Uint32
	twins.Prove(part("Passive mode (PASV) without free ports", true, exhausted),
		twins.Setting{Name: "200 ports", Faults: []string{"pasv-exhausted-dead-port", "sec-ports-not-released"}, Apply: func(c *ftptest.Config, j *spec.Judge) {
			shorten(c, j)
			first := uint16(20_000 + 200*servers.Add(1)) // not shared, where all servers have one address
			c.PassivePorts = ftptest.Range{First: first, Last: first + 199}
		}},
	)
	return true
}()
