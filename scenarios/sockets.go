package scenarios

import (
	"net/netip"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// sums are what a recorder adds up and hands over with its samples.
type sums struct {
	// asked counts data connections that the kernel was asked about, the others
	// their segments.
	asked, segments, retransmitted, outOfOrder int64
	// verified counts downloads that were right, of so many octets; of content
	// octets the content was compared.
	verified, octets, content int64
}

func (s *sums) add(o sums) {
	s.asked += o.asked
	s.segments += o.segments
	s.retransmitted += o.retransmitted
	s.outOfOrder += o.outOfOrder
	s.verified += o.verified
	s.octets += o.octets
	s.content += o.content
}

// socket records what the kernel knows about a data connection at its end.
func (r *recorder) socket(began time.Duration, i *probe.TCPInfo) {
	if began < r.from {
		return
	}
	r.batch().sums.add(sums{asked: 1, segments: int64(i.SegmentsIn) + int64(i.SegmentsOut), retransmitted: int64(i.Retransmitted), outOfOrder: int64(i.OutOfOrder)})
	r.add(sample{kind: roundTrip, at: r.now(), took: i.RTT})
}

// offered records the port of a reply to PASV or EPSV.
func (r *recorder) offered(began time.Duration, port uint16) {
	if began >= r.from {
		r.add(sample{kind: portOffered, at: r.now(), octets: int64(port)})
	}
}

// verified records a download that was what it had to be, its content too or
// only its size.
func (r *recorder) verified(began time.Duration, octets int64, content bool) {
	if began < r.from {
		return
	}
	s := sums{verified: 1, octets: octets}
	if content {
		s.content = octets
	}
	r.batch().sums.add(s)
}

// manyConnections is how many data connections make it worth while to look for those
// in TIME_WAIT: fewer are no danger to the ports of this machine, and looking costs
// tens of milliseconds.
const manyConnections = 5000

// connections are what the kernel knows about those of the run; nil when it does
// not tell.
func (c *collector) connections() *report.Sockets {
	s := c.sums
	out := &report.Sockets{Asked: s.asked, Segments: s.segments, Retransmitted: s.retransmitted, OutOfOrder: s.outOfOrder, RTT: c.rtt.Distribution()}
	peers := map[netip.AddrPort]bool{}
	for _, r := range c.recorders {
		if r.peer.IsValid() {
			peers[r.peer] = true
		}
	}
	if s.asked >= manyConnections {
		if n, known := c.waiting(peers); known {
			out.TimeWait = &n
		}
	}
	if out.Asked == 0 && out.TimeWait == nil {
		return nil
	}
	return out
}

// waiting counts the connections of this machine to the peers that are in
// TIME_WAIT. The server's own, where it is on the same machine, are none of them.
func (c *collector) waiting(peers map[netip.AddrPort]bool) (n int64, known bool) {
	if len(peers) == 0 {
		return 0, false
	}
	var v4, v6 bool
	hosts := map[netip.Addr]bool{}
	services := map[uint16]bool{}
	for p := range peers {
		hosts[p.Addr()] = true
		v4, v6 = v4 || p.Addr().Unmap().Is4(), v6 || !p.Addr().Unmap().Is4()
		services[p.Port()] = true
	}
	theirs := func(port uint16) bool { return services[port] || c.ports.has(port) }
	return inTimeWait(v4, v6, func(local, remote netip.AddrPort) bool {
		return hosts[remote.Addr()] && theirs(remote.Port()) && !services[local.Port()]
	})
}

// verified is what was right; nil when nothing was compared.
func (c *collector) verified() *report.Verified {
	if c.sums.verified == 0 {
		return nil
	}
	return &report.Verified{Transfers: c.sums.verified, Bytes: c.sums.octets, Content: c.sums.content}
}
