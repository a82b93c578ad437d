package probe

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

func tcpInfo(conn *net.TCPConn) (info TCPInfo, ok bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return info, false
	}
	us := func(n uint64) time.Duration { return time.Duration(n) * time.Microsecond }
	_ = raw.Control(func(fd uintptr) {
		t, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return
		}
		ok = true
		info = TCPInfo{
			RTT: us(uint64(t.Rtt)), ReceiveRTT: us(uint64(t.Rcv_rtt)),
			Busy: us(t.Busy_time), PeerWindow: us(t.Rwnd_limited), SendBuffer: us(t.Sndbuf_limited),
			SegmentsIn: t.Segs_in, SegmentsOut: t.Segs_out, Retransmitted: t.Total_retrans, OutOfOrder: t.Rcv_ooopack,
			BytesIn: t.Bytes_received, BytesAcked: t.Bytes_acked,
			Window: t.Rcv_wnd, MSS: t.Snd_mss, PathMTU: t.Pmtu,
		}
	})
	return info, ok
}
