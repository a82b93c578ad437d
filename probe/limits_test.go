package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
)

var _ = Describe("a listing", func() {
	// The scripted server lists "hello".
	listing := func(ctx context.Context, s *probe.Session) error {
		b, err := s.Listing(ctx, "LIST")
		if err == nil && string(b) != "hello" {
			err = fmt.Errorf("the listing is %q", b)
		}
		Expect(s.Do(ctx, "NOOP")).To(HaveField("Code", 200))
		return err
	}
	limited := func(octets int) probe.Dialer { return probe.Dialer{Limits: probe.Limits{Listing: octets}} }

	DescribeTable("is read", func(ctx SpecContext, h hostile) { h.meet(ctx) },
		Entry("whole", hostile{fine: true, script: func(p *peer) { p.until("QUIT") }, act: listing}),
		Entry("up to its limit", hostile{fine: true, dialer: limited(5), script: func(p *peer) { p.until("QUIT") }, act: listing}),
		Entry("not beyond", hostile{dialer: limited(4), phase: probe.Transferring, cause: probe.Excess, err: probe.ErrTooMuchData, says: "too much data: more than 4 octets",
			script: func(p *peer) { p.until("QUIT") }, act: listing}),
		Entry("not without an end", hostile{dialer: limited(100 << 10), phase: probe.Transferring, cause: probe.Excess, err: probe.ErrTooMuchData,
			script: func(p *peer) {
				d := p.opened("LIST")
				for {
					if _, err := io.WriteString(d, strings.Repeat("-rw-r--r-- 1 a b 5 Jan 1 2020 file\r\n", 1000)); err != nil {
						break
					}
				}
				_ = d.Close()
				p.say("426 cut\r\n")
				p.serve("")
			}, act: listing}),
	)

	It("has no limit where it is not kept", func(ctx SpecContext) {
		srv := serve(embedded, "127.0.0.1", false)
		srv.put("listed", []byte("x"), 1)
		s := srv.open(ctx, 0, func(d *probe.Dialer) { d.Limits.Listing = 1 })
		t, err := s.Retrieve(ctx, "LIST", io.Discard)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Bytes).To(BeNumerically(">", 1))
	})

	It("that is refused is the reply", func(ctx SpecContext) {
		s := serve(embedded, "127.0.0.1", false).open(ctx, 0)
		_, err := s.Listing(ctx, "MLSD nowhere")
		var e *probe.Error
		Expect(errors.As(err, &e)).To(BeTrue(), "%v", err)
		Expect(e.Cause).To(Equal(probe.Refusal))
		Expect(e.Reply.Code).To(Equal(550))
	})
})

var _ = DescribeTable("a login", func(ctx SpecContext, h hostile) { h.meet(ctx) },
	Entry("without a password", hostile{fine: true, script: answering("USER", "230 in\r\n")}),
	Entry("by a certificate", hostile{fine: true, script: answering("USER", "232 in, by your certificate\r\n")}),
	Entry("whose password does not matter", hostile{fine: true, script: answering("PASS", "202 superfluous\r\n")}),
	Entry("that wants an account", hostile{script: answering("PASS", "332 account?\r\n"), phase: probe.Login, cause: probe.Refusal, says: "332"}),
)

// A reply that is to be read and cannot be is told with its text, whatever asks.
var _ = DescribeTable("a reply that cannot be read", func(ctx SpecContext, command, reply string, act func(context.Context, *probe.Session) error) {
	h := hostile{phase: probe.Command, cause: probe.Unreadable, says: strings.TrimSpace(reply), act: act, script: func(p *peer) {
		p.until(command)
		p.say(reply)
		p.serve("")
	}}
	if command == "STOU" {
		h.phase, h.script = probe.Opening, func(p *peer) {
			d := p.opened(command)
			_, _ = io.Copy(io.Discard, d)
			_ = d.Close()
			p.say("226 done\r\n")
			p.serve("")
		}
	}
	h.meet(ctx)
},
	Entry("to FEAT", "FEAT", "200 none of it\r\n", func(ctx context.Context, s *probe.Session) error { _, err := s.Features(ctx); return err }),
	Entry("to SIZE", "SIZE", "213 large\r\n", func(ctx context.Context, s *probe.Session) error { _, err := s.Size(ctx, "f"); return err }),
	Entry("to MDTM", "MDTM", "213 lately\r\n", func(ctx context.Context, s *probe.Session) error { _, err := s.ModTime(ctx, "f"); return err }),
	Entry("to MLST", "MLST", "250 that one\r\n", func(ctx context.Context, s *probe.Session) error { _, err := s.MLST(ctx, "f"); return err }),
	Entry("to PWD", "PWD", "257 here\r\n", func(ctx context.Context, s *probe.Session) error { _, err := s.WorkingDirectory(ctx); return err }),
	Entry("to STOU", "STOU", "150 here it comes\r\n", func(ctx context.Context, s *probe.Session) error {
		_, _, err := s.StoreUnique(ctx, strings.NewReader("x"))
		return err
	}),
)
