package scenarios

import (
	"net"
	"net/netip"
	"runtime"
	"time"

	"github.com/passiveftp/pasv/report"
)

// generator is how this process fared, given the processor time it used.
func generator(cpu time.Duration) report.Generator {
	return report.Generator{CPU: report.InSeconds(cpu), Cores: runtime.GOMAXPROCS(0), OpenFiles: openFiles()}
}

// shares tells what this process shares with the servers, as far as their
// addresses show it: a container on this machine, or the end of a tunnel on it,
// they do not.
func (e *Engine) shares(with trees) string {
	if e.SameProcess {
		return report.SharedProcess
	}
	// Without a list of its own addresses, the loopback ones are what is known.
	own, _ := net.InterfaceAddrs()
	for _, t := range with {
		if local(t.peer.Addr(), own) {
			return report.SharedMachine
		}
	}
	return ""
}

// local tells whether an address is of this machine, which has those.
func local(a netip.Addr, own []net.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	for _, o := range own {
		if p, err := netip.ParsePrefix(o.String()); err == nil && p.Addr().WithZone("") == a.WithZone("") {
			return true
		}
	}
	return false
}
