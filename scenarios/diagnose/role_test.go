package diagnose

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
)

// The environment of a test binary that plays a role: which, and with what.
const (
	roleVariable = "PASV_DIAGNOSE_ROLE"
	workVariable = "PASV_DIAGNOSE_WORK"
)

// serverWork is what a server in a namespace is to be.
type serverWork struct {
	Addr        string
	First, Last uint16
	Advertise   string
}

// clientWork is what a client in a namespace is to diagnose.
type clientWork struct {
	Target      string
	DataTimeout time.Duration
}

// beServer serves until its standard input ends, and says on its output when
// it is ready.
func beServer() int {
	var w serverWork
	if err := json.Unmarshal([]byte(os.Getenv(workVariable)), &w); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cfg := ftptest.Config{Addr: w.Addr, PassivePorts: ftptest.Range{First: w.First, Last: w.Last}}
	if w.Advertise != "" {
		cfg.Advertise = netip.MustParseAddr(w.Advertise)
	}
	srv, err := ftptest.Start(cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(srv.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := srv.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// beClient diagnoses the target and writes the diagnosis as JSON.
func beClient() int {
	var w clientWork
	err := json.Unmarshal([]byte(os.Getenv(workVariable)), &w)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	target, err := probe.ParseTarget(w.Target)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	d, err := Run(context.Background(), Options{
		Target:      target,
		Dialer:      &probe.Dialer{Timeout: 3 * time.Second},
		DataTimeout: w.DataTimeout,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := json.NewEncoder(os.Stdout).Encode(d); err != nil {
		return 1
	}
	return 0
}
