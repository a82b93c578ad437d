package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/probe"
)

// common are the flags that every command with a target has.
type common struct {
	json, junit  string
	jsonl        string
	interval     time.Duration
	passwordFile string
	timeout      time.Duration
	insecure     bool
	ca           string
	v4, v6       bool
	source       []string
	sources      []netip.Addr
	passive      choice
	pasvAddress  choice
	quiet        bool
	verbose      bool
	noColor      bool
}

func (c *common) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.json, "json", "", "write the report to `FILE` (- is stdout)")
	f.StringVar(&c.junit, "junit", "", "write a JUnit report to `FILE` (- is stdout)")
	f.StringVar(&c.jsonl, "jsonl", "", "write JSON Lines to `FILE` while the run goes on (- is stdout)")
	f.StringVar(&c.passwordFile, "password-file", "", "read the password from `FILE` (its first line)")
	f.DurationVar(&c.timeout, "timeout", probe.DefaultTimeout, "patience for one step: a connect, a reply, a silent transfer")
	f.BoolVar(&c.insecure, "insecure", false, "do not verify the server's certificate")
	f.StringVar(&c.ca, "ca", "", "trust the certificates in `FILE` (PEM)")
	f.BoolVarP(&c.v4, "ipv4", "4", false, "use IPv4 only")
	f.BoolVarP(&c.v6, "ipv6", "6", false, "use IPv6 only")
	f.StringArrayVar(&c.source, "source", nil, "connect from this local `ADDRESS`; of several, the sessions of a load take turns, and check uses the second where it needs another client")
	c.passive = choice{value: "auto", of: []string{"auto", "pasv", "epsv"}}
	f.Var(&c.passive, "passive", "ask for passive ports with auto, pasv or epsv")
	c.pasvAddress = choice{value: "advertised", of: []string{"advertised", "control"}}
	f.Var(&c.pasvAddress, "pasv-address", "connect to the advertised address of a 227, or to that of the control connection")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but errors")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "show everything, with whole transcripts")
	f.BoolVar(&c.noColor, "no-color", false, "do not colour the summary")
	cmd.MarkFlagsMutuallyExclusive("ipv4", "ipv6")
}

// choice is a flag with a few values.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "WORD" }
func (c *choice) Set(s string) error {
	for _, v := range c.of {
		if v == s {
			c.value = s
			return nil
		}
	}
	return fmt.Errorf("it is one of %s", strings.Join(c.of, ", "))
}

// target reads the target and its password, which the URL, PASV_PASSWORD or
// --password-file may hold.
func (c *common) target(url string) (probe.Target, error) {
	t, err := probe.ParseTarget(url)
	if err != nil {
		return t, fmt.Errorf("target: %w", err)
	}
	if t.Pass != "" || t.User == probe.Anonymous {
		return t, nil
	}
	pass := os.Getenv("PASV_PASSWORD")
	if c.passwordFile != "" {
		b, err := os.ReadFile(c.passwordFile)
		if err != nil {
			return t, fmt.Errorf("password file: %w", err)
		}
		pass, _, _ = strings.Cut(string(b), "\n")
		pass = strings.TrimSuffix(pass, "\r")
	}
	t.Pass = probe.Secret(pass)
	return t, nil
}

// usable tells whether connections can come from an address: it has to be one of
// this machine. Nothing is sent.
func usable(addr netip.Addr) error {
	s, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
	if err == nil {
		return s.Close()
	}
	var system *os.SyscallError
	if errors.As(err, &system) {
		return system.Err
	}
	return err
}

// dialer is the wire as the flags want it.
func (c *common) dialer() (*probe.Dialer, error) {
	if c.timeout <= 0 {
		return nil, errors.New("--timeout must be more than 0")
	}
	d := &probe.Dialer{Timeout: c.timeout, TLS: &tls.Config{InsecureSkipVerify: c.insecure}} //nolint:gosec // --insecure asks for it
	switch {
	case c.v4:
		d.Family = probe.IPv4
	case c.v6:
		d.Family = probe.IPv6
	}
	switch c.passive.value {
	case "pasv":
		d.Passive = probe.OnlyPASV
	case "epsv":
		d.Passive = probe.OnlyEPSV
	}
	if c.pasvAddress.value == "control" {
		d.Address = probe.DialControl
	}
	for _, source := range c.source {
		addr, err := netip.ParseAddr(source)
		if err != nil {
			return nil, fmt.Errorf("--source: %q is not an address", source)
		}
		if err := usable(addr); err != nil {
			return nil, fmt.Errorf("--source: connections cannot come from %s: %w", addr, err)
		}
		c.sources = append(c.sources, addr)
	}
	if len(c.sources) > 0 {
		d.Source = c.sources[0]
	}
	if c.ca != "" {
		pem, err := os.ReadFile(c.ca)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		d.TLS.RootCAs = x509.NewCertPool()
		if !d.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca: no certificate in %s", c.ca)
		}
	}
	return d, nil
}
