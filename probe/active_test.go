package probe_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
)

var _ = Describe("active mode", func() {
	var s *probe.Session
	var l *probe.Listener
	BeforeEach(func(ctx SpecContext) {
		s = serve(embedded, "127.0.0.1", false).open(ctx, 0)
		var err error
		l, err = s.Active(ctx)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		Expect(l.Offer.Command).To(Equal("EPRT"))
		Expect(l.Offer.Advertised.Addr).To(Equal(s.Local().Addr()))
	})

	It("gives up when the server does not come", func(ctx SpecContext) {
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		_, err := l.Accept(short)
		Expect(probe.CauseOf(err)).To(Equal(probe.Filtered))
	})

	It("ends when the caller does", func(ctx SpecContext) {
		over, cancel := context.WithCancel(ctx)
		cancel()
		_, err := l.Accept(over)
		Expect(probe.CauseOf(err)).To(Equal(probe.Canceled))
	})

	It("takes no connection but the server's", func(ctx SpecContext) {
		if runtime.GOOS != "linux" {
			Skip("another loopback address is needed")
		}
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		stranger, err := d.DialContext(ctx, "tcp", l.Offer.Advertised.String())
		Expect(err).NotTo(HaveOccurred())
		defer stranger.Close()
		Expect(s.Do(ctx, "NLST")).To(HaveField("Code", 150))
		c, err := l.Accept(ctx)
		Expect(err).NotTo(HaveOccurred())
		defer c.Close()
		Expect(c.Addr().Addr()).To(Equal(s.Peer().Addr()))
		Expect(stranger.SetDeadline(time.Now().Add(patience))).To(Succeed())
		_, err = stranger.Read(make([]byte, 1))
		Expect(probe.CauseOf(err)).To(Equal(probe.Closed))
	})

	It("does without EPRT where the server does", func(ctx SpecContext) {
		Expect(s.EPSVAll(ctx)).To(Succeed()) // now it refuses EPRT, and PORT as well
		_, err := s.Active(ctx)
		Expect(probe.CauseOf(err)).To(Equal(probe.Refusal))
		Expect(s.Last().Raw).To(ContainSubstring("PORT"))
	})
})

// called answers as is customary, EPRT too, until the transfer command comes, and
// is the place that the client named.
func (p *peer) called(verb string) (place string) {
	for {
		command, argument, _ := strings.Cut(p.line(), " ")
		switch command {
		case verb:
			return place
		case "EPRT":
			f := strings.Split(argument, "|")
			place = net.JoinHostPort(f[2], f[3])
			p.say("200 I will\r\n")
		default:
			p.say(customary[command])
		}
	}
}

// come opens the data connection, sends a few octets and ends it.
func (p *peer) come(to string) {
	d, err := net.Dial("tcp", to)
	if err != nil {
		panic(errScript{err})
	}
	_, _ = io.WriteString(d, "hello")
	_ = d.Close()
}

// inOrder expects that no time is booked twice.
func inOrder(t *probe.Timeline) {
	GinkgoHelper()
	var end time.Duration
	for _, span := range t.Spans() {
		Expect(span.Start).To(BeNumerically(">=", end), "%v", span.Phase)
		Expect(span.End).To(BeNumerically(">=", span.Start), "%v", span.Phase)
		end = span.End
	}
}

var _ = Describe("a transfer in active mode", func() {
	// Whoever waits out this patience does not come to an end.
	active := probe.Dialer{Active: probe.OnlyEPRT, Timeout: time.Hour}
	// stays goes on after a refusal.
	stays := func(ctx context.Context, s *probe.Session) error {
		_, err := s.Retrieve(ctx, "RETR file", nil)
		for range 2 {
			Expect(s.Do(ctx, "NOOP")).To(HaveField("Code", 200))
		}
		return err
	}
	// fetches expects five octets and a 226.
	fetches := func(ctx context.Context, s *probe.Session) error {
		t, err := s.Retrieve(ctx, "RETR file", nil)
		Expect(t.Bytes).To(Equal(int64(5)))
		Expect(t.Final.Code).To(Equal(226))
		// What follows is booked from its own begin.
		Expect(s.Do(ctx, "NOOP")).To(HaveField("Code", 200))
		Expect(s.Send(ctx, "NOOP")).To(Succeed())
		Expect(s.Complete(ctx)).To(HaveField("Code", 200))
		inOrder(s.Timeline())
		return err
	}
	DescribeTable("with a server", func(ctx SpecContext, h hostile) {
		limited, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		h.meet(limited)
	},
		Entry("that does not come, and says so", hostile{dialer: active, phase: probe.DataConnect, cause: probe.Refusal, says: "425 cannot", act: stays, script: func(p *peer) {
			p.say("220 ready\r\n")
			p.called("RETR")
			p.say("150 here it comes\r\n")
			p.say("425 cannot\r\n")
			p.serve("")
		}}),
		Entry("that does not come, and says so in the same segment", hostile{dialer: active, phase: probe.DataConnect, cause: probe.Refusal, says: "425 cannot", act: stays, script: func(p *peer) {
			p.say("220 ready\r\n")
			p.called("RETR")
			p.say("150 here it comes\r\n150 really\r\n425 cannot\r\n")
			p.serve("")
		}}),
		Entry("that does not come, and says so bit by bit under TLS", hostile{dialer: active, secure: probe.Explicit, phase: probe.DataConnect, cause: probe.Refusal, says: "425 cannot", act: stays, script: func(p *peer) {
			p.until("AUTH")
			p.say("234 go\r\n")
			p.secure()
			p.called("RETR")
			for _, bit := range []string{"150 he", "re\r\n15", "0 really\r\n", "425-can", "not\r\n425 cannot\r", "\n"} {
				p.say(bit)
			}
			p.serve("")
		}}),
		Entry("that goes away", hostile{dialer: active, phase: probe.DataConnect, cause: probe.Closed, script: func(p *peer) {
			p.say("220 ready\r\n")
			p.called("RETR")
			p.say("150 here it comes\r\n")
			_ = p.Close()
		}}),
		Entry("that does not come, and says that it was there", hostile{dialer: probe.Dialer{Active: probe.OnlyEPRT, Timeout: impatient.Timeout}, phase: probe.DataConnect, cause: probe.Filtered, act: stays, script: func(p *peer) {
			p.say("220 ready\r\n")
			p.called("RETR")
			p.say("150 here it comes\r\n")
			p.say("226 done\r\n")
			p.serve("")
		}}),
		Entry("that says more before it comes", hostile{dialer: active, fine: true, act: fetches, script: func(p *peer) {
			p.say("220 ready\r\n")
			to := p.called("RETR")
			p.say("150 here it comes\r\n")
			p.say("150-really\r\n150 really\r\n")
			p.come(to)
			p.say("226 done\r\n")
			p.serve("")
		}}),
		Entry("that says that it is done before it comes", hostile{dialer: active, fine: true, act: fetches, script: func(p *peer) {
			p.say("220 ready\r\n")
			to := p.called("RETR")
			p.say("150 here it comes\r\n226 done\r\n")
			p.come(to)
			p.serve("")
		}}),
		Entry("that comes before the 150", hostile{dialer: active, fine: true, act: fetches, script: func(p *peer) {
			p.say("220 ready\r\n")
			p.come(p.called("RETR"))
			p.say("150 here it comes\r\n226 done\r\n")
			p.serve("")
		}}),
	)

	It("does not book a time twice", func(ctx SpecContext) {
		srv := serve(embedded, "127.0.0.1", false)
		s := srv.open(ctx, 0, func(d *probe.Dialer) { d.Active = probe.AutoActive })
		s.Timeline().Reset()
		t, err := s.Retrieve(ctx, "NLST", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Final.Code).To(Equal(226))
		inOrder(s.Timeline())
		_, seen := s.Timeline().Totals()
		Expect(seen[probe.DataConnect]).To(BeTrue())
	})
})
