package probe_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
)

var _ = Describe("The events of a session", func() {
	It("are commands and replies in their order, with quirks and without passwords", func(ctx SpecContext) {
		addr, end := play(func(p *peer) {
			p.say("220-hello\r\n220 there\n")
			p.line()
			p.say("331 ok\r\n")
			p.line()
			p.say("230 hunter2 is in\r\n250 once more\r\n")
			p.line()
			p.say("200 ok\r\n")
			p.line()
			p.say("257 half a rep")
			_ = p.Close()
		})
		defer end()
		s, err := (&probe.Dialer{}).Connect(ctx, probe.Target{Host: "127.0.0.1", Port: addr.AddrPort().Port()})
		Expect(err).NotTo(HaveOccurred())
		defer s.Close()
		Expect(s.Greeting().IsZero()).To(BeTrue(), "nothing was read yet")
		greeting, err := s.Receive(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(greeting.Code).To(Equal(220))
		_, err = s.LoginAs(ctx, "u", "hunter2")
		Expect(err).NotTo(HaveOccurred())
		_, err = s.Do(ctx, "NOOP")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Write(ctx, "PWD\r\n")).To(Succeed())
		_, err = s.Receive(ctx)
		Expect(err).To(HaveOccurred())

		var seen []any
		for _, e := range s.Transcript().Events() {
			switch e.Kind {
			case probe.CommandSent, probe.OctetsSent:
				seen = append(seen, e.Command, e.Kind)
			case probe.ReplyCut:
				seen = append(seen, e.Rest, e.Kind)
			default:
				seen = append(seen, e.Reply.Code, e.Reply.Quirks, e.Kind)
				Expect(e.Reply.Raw).NotTo(ContainSubstring("hunter2"))
			}
		}
		Expect(seen).To(Equal([]any{
			220, probe.QuirkBareLF, probe.ReplyReceived,
			"USER u", probe.CommandSent, 331, probe.Quirk(0), probe.ReplyReceived,
			"PASS ***", probe.CommandSent, 230, probe.Quirk(0), probe.ReplyReceived,
			250, probe.Quirk(0), probe.ReplyUnasked,
			"NOOP", probe.CommandSent, 200, probe.Quirk(0), probe.ReplyReceived,
			"PWD", probe.OctetsSent, "257 half a rep", probe.ReplyCut,
		}))
	})
})
