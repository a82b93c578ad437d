package probe_test

import (
	"testing"
	"time"

	"github.com/passiveftp/pasv/probe"
)

func TestLimit(t *testing.T) {
	const s = time.Second
	busy := func(window, buffer time.Duration) probe.TCPInfo {
		return probe.TCPInfo{Busy: s, PeerWindow: window, SendBuffer: buffer, SegmentsOut: 1000}
	}
	for name, c := range map[string]struct {
		m    probe.Movement
		want probe.Limit
	}{
		"too short":                        {probe.Movement{Bytes: 1 << 20, Elapsed: time.Millisecond, Known: true}, probe.NoLimit},
		"nothing moved":                    {probe.Movement{Elapsed: s, Known: true}, probe.NoLimit},
		"nothing known":                    {probe.Movement{Bytes: 1, Elapsed: s}, probe.NoLimit},
		"upload, the server does not read": {probe.Movement{Sending: true, Bytes: 1, Elapsed: s, Info: busy(570*time.Millisecond, 0), Known: true}, probe.LimitServer},
		"upload, nothing to send":          {probe.Movement{Sending: true, Bytes: 1, Elapsed: 2 * s, Info: busy(900*time.Millisecond, 0), Known: true}, probe.LimitClient},
		"upload, small send buffer":        {probe.Movement{Sending: true, Bytes: 1, Elapsed: s, Info: busy(0, 600*time.Millisecond), Known: true}, probe.LimitClient},
		"upload, congestion window":        {probe.Movement{Sending: true, Bytes: 1, Elapsed: s, Info: busy(0, 0), Known: true}, probe.LimitNetwork},
		"download, the reader waits":       {probe.Movement{Bytes: 1 << 30, Elapsed: s, Waited: 900 * time.Millisecond, Known: true}, probe.LimitServer},
		"download, the reader never waits": {probe.Movement{Bytes: 1 << 30, Elapsed: s, Waited: 50 * time.Millisecond, Known: true}, probe.LimitClient},
		"download, half and half":          {probe.Movement{Bytes: 1 << 30, Elapsed: s, Waited: 500 * time.Millisecond, Known: true}, probe.NoLimit},
		"download with loss": {probe.Movement{Bytes: 1 << 20, Elapsed: s, Waited: s, Known: true,
			Info: probe.TCPInfo{SegmentsIn: 1000, OutOfOrder: 5}}, probe.LimitNetwork},
		"download at window over delay": {probe.Movement{Bytes: 640 << 10, Elapsed: s, Waited: s, Known: true,
			Info: probe.TCPInfo{SegmentsIn: 1000, Window: 64 << 10, ReceiveRTT: 100 * time.Millisecond}}, probe.LimitWindow},
		"download below window over delay": {probe.Movement{Bytes: 64 << 10, Elapsed: s, Waited: s, Known: true,
			Info: probe.TCPInfo{SegmentsIn: 1000, Window: 64 << 10, ReceiveRTT: 100 * time.Millisecond}}, probe.LimitServer},
	} {
		if got := c.m.Limit(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
