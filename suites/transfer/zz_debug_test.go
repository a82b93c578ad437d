package transfer_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

func TestDebug(t *testing.T) {
	if os.Getenv("FAULTS") == "" {
		t.Skip()
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	sem := make(chan bool, 6)
	for _, name := range strings.Fields(os.Getenv("FAULTS")) {
		wg.Go(func() {
			sem <- true
			defer func() { <-sem }()
			c := ftptest.Config{}
			if os.Getenv("LOG") != "" {
				c.Log = func(f string, a ...any) { fmt.Printf(f+"\n", a...) }
			}
			if os.Getenv("TLS") != "" {
				c.TLS, _, _ = ftptest.SelfSigned()
			}
			if f, ok := ftptest.LookupFault(name); ok {
				c.Faults = []ftptest.Fault{f}
			}
			srv, err := ftptest.Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			j := &spec.Judge{Dialer: &probe.Dialer{Timeout: 6 * time.Second, TLS: &tls.Config{InsecureSkipVerify: true}}, Intrusive: true, Shorten: 10, Strict: os.Getenv("STRICT") != ""}
			j.Target, _ = probe.ParseTarget(srv.URL())
			reqs := transfer.Area.Requirements
			if o := os.Getenv("ONLY"); o != "" {
				reqs = nil
				for _, r := range transfer.Area.Requirements {
					if strings.Contains(o, r.ID) {
						reqs = append(reqs, r)
					}
				}
			}
			ctx := context.Background()
			start := time.Now()
			suites.Ahead(ctx, j, reqs, len(reqs))()
			mu.Lock()
			defer mu.Unlock()
			fmt.Printf("== %s (%.1fs) catches %v\n", name, time.Since(start).Seconds(), func() any { f, _ := ftptest.LookupFault(name); return f.Catches }())
			for _, r := range reqs {
				res := j.Judge(ctx, r)
				if os.Getenv("V") != "" || res.Verdict != report.Pass && (res.Verdict != report.Skip || os.Getenv("SKIPS") != "") {
					fmt.Printf("   %s %s %s %v %.0fms\n", r.ID, res.Verdict, res.Reason, res.Notes, res.ElapsedMS)
				}
			}
			_ = j.Close(ctx)
		})
	}
	wg.Wait()
}
