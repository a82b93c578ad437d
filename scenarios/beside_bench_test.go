package scenarios

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest/daemon"
)

// BenchmarkBesideCurl moves 1 GiB each way between vsftpd and, by turns, curl and
// the engine, and reports the medians of the ratios of one turn: rates drift on a
// busy machine, what is measured side by side does not. Both are timed from the
// connection to the last reply of the transfer, without QUIT and without the
// removal of what was uploaded. Run it with TMPDIR on a tmpfs:
//
//	TMPDIR=/dev/shm go test -run '^$' -bench BesideCurl -benchtime 9x ./scenarios
func BenchmarkBesideCurl(b *testing.B) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		b.Skip("curl is not installed")
	}
	const size = 1 << 30
	for _, c := range []struct{ name, step string }{
		{"retr", "retr: {path: big.bin}"},
		{"stor", "stor: {path: up.bin, size: 1GiB}"},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := daemon.Start(b, daemon.VSFTPD, daemon.Options{})
			target, err := probe.ParseTarget(d.URL())
			if err != nil {
				b.Fatal(err)
			}
			content := slices.Repeat([]byte("not quite what is sent, but as long\n"), size/36+1)[:size]
			local := filepath.Join(b.TempDir(), "big.bin")
			if err := os.WriteFile(local, content, 0o600); err != nil {
				b.Fatal(err)
			}
			if err := d.WriteFile("big.bin", content); err != nil {
				b.Fatal(err)
			}
			s, err := Parse("b.yaml", fmt.Appendf(nil, "name: b\nload: {sessions: 1, count: 1}\nsession: [login, %s, quit]\n", c.step))
			if err != nil {
				b.Fatal(err)
			}
			download := []string{"-s", "-o", os.DevNull, "-w", "%{time_total}", d.URL() + "big.bin"}
			upload := []string{"-s", "-T", local, "-w", "%{time_total}", d.URL() + "up.bin"}

			var rates, shares []float64
			for b.Loop() {
				args := download
				if c.name == "stor" {
					args = upload
				}
				cmd := exec.Command(curl, args...) //nolint:gosec // a benchmark's own arguments
				out, err := cmd.Output()
				if err != nil {
					b.Fatal("curl:", err)
				}
				theirs, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
				if err != nil {
					b.Fatal(err)
				}
				theirCPU := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				if err := os.Remove(filepath.Join(d.Root, "up.bin")); err != nil && c.name == "stor" {
					b.Fatal(err)
				}

				before := processorTime()
				l, err := (&Engine{Target: target}).Run(context.Background(), s)
				ourCPU := processorTime() - before
				if err != nil || l.Sessions.Completed != 1 || l.Bytes != size {
					b.Fatal(err, l.Bytes, l.Failures)
				}
				ours := float64(l.Operations["login"].Latency.Mean + l.Operations[c.name].Latency.Mean)
				rates = append(rates, theirs/ours)
				shares = append(shares, float64(ourCPU)/float64(theirCPU))
			}
			b.ReportMetric(median(rates), "rate/curl")
			b.ReportMetric(median(shares), "cpu/curl")
		})
	}
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return (of[(len(of)-1)/2] + of[len(of)/2]) / 2
}
