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

// exhausting uses up all ports; on a server with few, the others would find none.
const exhausting = "PASV-028"

// Faults that do not show where waits are short: two end something after seconds,
// one makes every connect take its time, one does not come to pass when a TLS
// handshake fails first, one needs IPv6.
var (
	timed    = []string{"pasv-drops-early-data", "pasv-impatient"}
	filtered = []string{"pasv-filtered"}
	clear    = []string{"pasv-closed-data-hangs"}
	six      = []string{"pasv-on-ipv-six"}
)

var _ = func() bool {
	var most, last []*spec.Requirement
	for _, r := range passive.Area.Requirements {
		if r.ID == exhausting {
			last = append(last, r)
		} else {
			most = append(most, r)
		}
	}
	var hasty []string
	for _, f := range ftptest.Faults() {
		if !slices.Contains(slices.Concat(timed, filtered, clear, six), f.Name) {
			hasty = append(hasty, f.Name)
		}
	}
	shorten := func(c *ftptest.Config, j *spec.Judge) {
		c.AcceptTimeout = 4 * time.Second
		j.Slow, j.Shorten = true, 10
	}
	twins.Prove(spec.Area{Prefix: "PASV", Title: passive.Area.Title, Requirements: most},
		twins.Setting{Name: "short waits", Faults: hasty, Apply: shorten},
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

	var servers atomic.Uint32
	twins.Prove(spec.Area{Prefix: "PASV", Title: passive.Area.Title + " when the ports are used up", Requirements: last},
		twins.Setting{Name: "200 ports", Faults: []string{"pasv-exhausted-dead-port", "sec-ports-not-released"},
			Apply: func(c *ftptest.Config, j *spec.Judge) {
				first := uint16(20_000 + 200*servers.Add(1))
				c.PassivePorts = ftptest.Range{First: first, Last: first + 199}
				shorten(c, j)
			}},
	)
	return true
}()
