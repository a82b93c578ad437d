package login_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/hosts"
	"github.com/passiveftp/pasv/suites/login"
	"github.com/passiveftp/pasv/suites/spec"
)

// secrets are the passwords and the account of the specs below.
var secrets = []string{"embedded", "drawer", "books"}

var _ = Describe("Passwords", func() {
	// These areas log in by themselves; everybody else leaves that to the judge.
	requirements := slices.Concat(login.Area.Requirements, hosts.Area.Requirements)

	// run judges a server over a wire that remembers what the client sent.
	run := func(ctx context.Context, config ftptest.Config) (sent, results []byte) {
		GinkgoHelper()
		config.Users = map[string]string{"pasv": secrets[0], "teller": secrets[1]}
		config.Accounts = map[string]string{"teller": secrets[2]}
		config.Hosts = []string{"a.example", "b.example"}
		server, err := ftptest.Start(config)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		target, err := probe.ParseTarget(server.URL())
		Expect(err).NotTo(HaveOccurred())
		w := tap(server.Addr().String())
		target.Port = w.port()
		j := &spec.Judge{
			Dialer: &probe.Dialer{TLS: &tls.Config{InsecureSkipVerify: true}}, Target: target, Intrusive: true,
			Declared: spec.Declared{Hosts: config.Hosts, Account: spec.Account{
				User: "teller", Pass: probe.Secret(secrets[1]), Account: probe.Secret(secrets[2]),
			}},
		}
		suites.Ahead(ctx, j, requirements, 8)()
		var all []report.Result
		for _, r := range requirements {
			all = append(all, j.Judge(ctx, r))
		}
		Expect(j.Close(ctx)).To(Succeed())
		Expect(all).To(ContainElement(HaveField("Evidence", ContainElement(HaveField("Transcript", Not(BeEmpty()))))), "nothing is shown that could have a password in it")
		results, err = json.Marshal(all)
		Expect(err).NotTo(HaveOccurred())
		return w.end(), results
	}

	It("go over the wire under TLS only when the target asks for it, and into no result", func(ctx context.Context) {
		secure, _, err := ftptest.SelfSigned()
		Expect(err).NotTo(HaveOccurred())
		sent, results := run(ctx, ftptest.Config{TLS: secure, Faults: faults("login-acct-refused", "login-pass-first", "login-user-closes")})
		Expect(string(sent)).To(ContainSubstring("AUTH TLS"))
		for _, s := range secrets {
			Expect(bytes.Contains(sent, []byte(s))).To(BeFalse(), "%q was sent in the clear", s)
			Expect(bytes.Contains(results, []byte(s))).To(BeFalse(), "%q is in a result", s)
		}
	})

	It("are in no result without TLS either", func(ctx context.Context) {
		sent, results := run(ctx, ftptest.Config{Faults: faults("login-acct-refused", "login-second-pass", "host-error-spoils-login")})
		for _, s := range secrets {
			Expect(bytes.Contains(sent, []byte(s))).To(BeTrue(), "%q was not used, so this proves nothing", s)
			Expect(bytes.Contains(results, []byte(s))).To(BeFalse(), "%q is in a result", s)
		}
	})
})

func faults(names ...string) (all []ftptest.Fault) {
	GinkgoHelper()
	for _, name := range names {
		f, ok := ftptest.LookupFault(name)
		Expect(ok).To(BeTrue(), name)
		all = append(all, f)
	}
	return all
}

// wire passes connections on and keeps what clients send.
type wire struct {
	listener net.Listener
	all      sync.WaitGroup
	mu       sync.Mutex
	sent     bytes.Buffer
}

func tap(to string) *wire {
	GinkgoHelper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	w := &wire{listener: ln}
	w.all.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			w.all.Go(func() { w.pass(client, to) })
		}
	})
	return w
}

func (w *wire) pass(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	w.all.Go(func() {
		_, _ = io.Copy(io.MultiWriter(server, w), client)
		_ = server.Close()
	})
	_, _ = io.Copy(client, server)
}

// Write keeps what one client sent; commands of several may mix between writes.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent.Write(p)
}

func (w *wire) port() uint16 { return w.listener.Addr().(*net.TCPAddr).AddrPort().Port() }

// end waits for all connections to end and returns what was sent on them.
func (w *wire) end() []byte {
	_ = w.listener.Close()
	w.all.Wait()
	return w.sent.Bytes()
}
