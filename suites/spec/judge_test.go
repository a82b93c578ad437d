package spec_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/gftp"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestSpec(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Judging")
}

// judgeOf makes a judge for a server of its own.
func judgeOf(config ftptest.Config) *spec.Judge {
	GinkgoHelper()
	_, j := serverAndJudge(config)
	return j
}

func serverAndJudge(config ftptest.Config) (*ftptest.Server, *spec.Judge) {
	GinkgoHelper()
	server, err := ftptest.Start(config)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Close)
	target, err := probe.ParseTarget(server.URL())
	Expect(err).NotTo(HaveOccurred())
	return server, &spec.Judge{Dialer: &probe.Dialer{Timeout: 5 * time.Second}, Target: target}
}

func requirement(level report.Level, check func(context.Context, *spec.T)) *spec.Requirement {
	return &spec.Requirement{
		ID: "TEST-001", Level: level, Severity: report.Major, Title: "a rule",
		Cites: []spec.Citation{spec.RFC(959, "4.1", "some words")},
		Needs: spec.Login, Check: check,
	}
}

var _ = Describe("A judge", func() {
	DescribeTable("weighs what a check says by the level",
		func(ctx context.Context, check func(context.Context, *spec.T), must, should, practice, strict report.Verdict) {
			for level, want := range map[report.Level]report.Verdict{report.Must: must, report.Should: should, report.Practice: practice} {
				Expect(judgeOf(ftptest.Config{}).Judge(ctx, requirement(level, check)).Verdict).To(Equal(want), string(level))
			}
			j := judgeOf(ftptest.Config{})
			j.Strict = true
			Expect(j.Judge(ctx, requirement(report.Should, check)).Verdict).To(Equal(strict), "strict")
		},
		Entry("nothing", func(context.Context, *spec.T) {}, report.Pass, report.Pass, report.Pass, report.Pass),
		Entry("a failure", func(_ context.Context, t *spec.T) { t.Fail("a", "b") }, report.Fail, report.Warn, report.Warn, report.Fail),
		Entry("a matcher that does not match", func(_ context.Context, t *spec.T) { t.Expect(1).To(Equal(2)) }, report.Fail, report.Warn, report.Warn, report.Fail),
		Entry("a warning", func(_ context.Context, t *spec.T) { t.Warn("a", "b") }, report.Warn, report.Warn, report.Warn, report.Warn),
		Entry("tolerance", func(_ context.Context, t *spec.T) { t.Tolerate("a", "b") }, report.Pass, report.Pass, report.Pass, report.Fail),
		Entry("a skip", func(_ context.Context, t *spec.T) { t.Skip("no") }, report.Skip, report.Skip, report.Skip, report.Skip),
		Entry("doubt", func(_ context.Context, t *spec.T) { t.Inconclusive("hm") }, report.Inconclusive, report.Inconclusive, report.Inconclusive, report.Inconclusive),
		Entry("a panic", func(context.Context, *spec.T) { panic("oh") }, report.Error, report.Error, report.Error, report.Error),
		Entry("an error that is this machine's", func(_ context.Context, t *spec.T) {
			t.Expect(error(&probe.Error{Cause: probe.Local, Err: errors.New("too many open files")})).NotTo(HaveOccurred())
		}, report.Error, report.Error, report.Error, report.Error),
		Entry("another code of the right class", func(ctx context.Context, t *spec.T) {
			r, _ := t.Login(ctx).Do(ctx, "NOOP")
			t.ExpectCode(r, 299)
		}, report.Pass, report.Pass, report.Pass, report.Pass),
		Entry("a code of another class", func(ctx context.Context, t *spec.T) {
			r, _ := t.Login(ctx).Do(ctx, "NOOP")
			t.ExpectCode(r, 500)
		}, report.Fail, report.Warn, report.Warn, report.Fail),
	)

	It("shows expected, seen, the citation and the transcript, without the password", func(ctx context.Context) {
		j := judgeOf(ftptest.Config{Users: map[string]string{"alice": "hunter2"}})
		j.Target.User, j.Target.Pass = "alice", "hunter2"
		result := j.Judge(ctx, requirement(report.Must, func(ctx context.Context, t *spec.T) {
			s := t.Login(ctx)
			r, err := s.Do(ctx, "NOOP hunter2")
			t.Expect(err).NotTo(HaveOccurred())
			t.Expect(r).To(gftp.HaveReplyCode(227))
		}))
		Expect(result.Reason).To(HavePrefix("expected reply code 227; saw "))
		Expect(result.Cites).To(Equal([]report.Cite{{Source: "RFC 959 §4.1", Quote: "some words"}}))
		Expect(result.Evidence[0]).To(Equal(report.Evidence{Kind: report.Expected, Text: "reply code 227"}))
		Expect(result.Evidence[1].Kind).To(Equal(report.Seen))
		lines := fmt.Sprint(result.Evidence[2].Transcript)
		Expect(lines).To(And(ContainSubstring("PASS ***"), ContainSubstring("NOOP ***"), Not(ContainSubstring("hunter2"))))
	})

	DescribeTable("tries again when the server was silent, and believes it when it is so twice",
		func(ctx context.Context, believed report.Verdict, silent func(context.Context, *spec.T, *probe.Session)) {
			for _, silences := range []int{1, 2} {
				tries := 0
				result := judgeOf(ftptest.Config{}).Judge(ctx, requirement(report.Must, func(ctx context.Context, t *spec.T) {
					s := t.Login(ctx)
					if tries++; tries > silences {
						return
					}
					soon, cancel := context.WithTimeout(ctx, time.Millisecond)
					defer cancel()
					silent(soon, t, s)
				}))
				Expect(tries).To(Equal(2))
				Expect(result.Notes).To(ContainElement(And(HavePrefix("tried again: "), ContainSubstring("a reply that nobody owes"))))
				Expect(result.Verdict).To(Equal(map[int]report.Verdict{1: report.Pass, 2: believed}[silences]))
			}
		},
		Entry("a reply that is due", report.Fail, func(ctx context.Context, t *spec.T, s *probe.Session) {
			t.Receive(ctx, s, "a reply that nobody owes")
		}),
		Entry("a failure in the words of the error", report.Fail, func(ctx context.Context, t *spec.T, s *probe.Session) {
			_, err := s.Receive(ctx)
			t.Blame(err)
			t.Fail("a reply that nobody owes", fmt.Sprintf("number 7: %v", err))
		}),
		Entry("a skip in the words of the error", report.Skip, func(ctx context.Context, t *spec.T, s *probe.Session) {
			_, err := s.Receive(ctx)
			t.Blame(err)
			t.Skip("a reply that nobody owes is missing: %v", err)
		}),
	)

	It("does not try again what fails for another reason than an earlier silence", func(ctx context.Context) {
		tries := 0
		result := judgeOf(ftptest.Config{}).Judge(ctx, requirement(report.Must, func(ctx context.Context, t *spec.T) {
			tries++
			s := t.Login(ctx)
			soon, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			_, err := s.Receive(soon)
			t.Blame(err)
			t.Fail("a", "b")
		}))
		Expect(result.Verdict).To(Equal(report.Fail))
		Expect(tries).To(Equal(1))
	})

	It("tries a requirement once, however often it is asked", func(ctx context.Context) {
		tries := 0
		r := requirement(report.Must, func(context.Context, *spec.T) { tries++ })
		j := judgeOf(ftptest.Config{})
		j.Judge(ctx, r)
		j.Judge(ctx, r)
		Expect(tries).To(Equal(1))
	})

	It("skips what is blocked by a requirement that is not met, and names it", func(ctx context.Context) {
		first := requirement(report.Should, func(_ context.Context, t *spec.T) { t.Fail("a", "b") })
		second := requirement(report.Must, func(_ context.Context, t *spec.T) { t.Fail("c", "d") })
		second.ID, second.BlockedBy = "TEST-002", []*spec.Requirement{first}
		result := judgeOf(ftptest.Config{}).Judge(ctx, second)
		Expect(result.Verdict).To(Equal(report.Skip))
		Expect(result.Reason).To(Equal("blocked by TEST-001"))
	})

	It("skips what needs IPv4 over IPv6", func(ctx context.Context) {
		if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
			Skip("no IPv6 loopback: " + err.Error())
		} else {
			Expect(l.Close()).To(Succeed())
		}
		r := requirement(report.Must, func(_ context.Context, t *spec.T) { t.Fail("a", "b") })
		r.Needs |= spec.IPv4
		result := judgeOf(ftptest.Config{Addr: "[::1]:0"}).Judge(ctx, r)
		Expect(result.Verdict).To(Equal(report.Skip))
		Expect(result.Reason).To(HavePrefix("missing: ipv4 ("))
	})

	It("does not blame the server when the run is interrupted or the check is too slow", func(ctx context.Context) {
		slow := func(ctx context.Context, t *spec.T) {
			s := t.Login(ctx)
			_, err := s.Receive(ctx) // nothing is due
			t.Expect(err).NotTo(HaveOccurred())
		}
		r := requirement(report.Must, slow)
		r.Timeout = 50 * time.Millisecond
		Expect(judgeOf(ftptest.Config{}).Judge(ctx, r)).To(And(
			HaveField("Verdict", report.Inconclusive), HaveField("Reason", "the check took longer than 50ms")))

		ctx, cancel := context.WithCancel(ctx)
		r = requirement(report.Must, func(ctx context.Context, t *spec.T) {
			cancel()
			slow(ctx, t)
		})
		Expect(judgeOf(ftptest.Config{}).Judge(ctx, r)).To(And(
			HaveField("Verdict", report.Inconclusive), HaveField("Reason", "interrupted")))
	})

	DescribeTable("tries once more after a 421, and believes the second", func(ctx context.Context, first string) {
		for second, want := range map[string]report.Verdict{"200 fine\r\n": report.Pass, first: report.Fail} {
			noops := 0
			j := &spec.Judge{Dialer: &probe.Dialer{Timeout: 5 * time.Second}, Target: scripted(func(line string) string {
				if line != "NOOP" {
					return ""
				}
				if noops++; noops == 1 {
					return first
				}
				return second
			})}
			r := requirement(report.Must, func(ctx context.Context, t *spec.T) {
				r, err := t.Login(ctx).Do(ctx, "NOOP")
				t.Expect(err).NotTo(HaveOccurred())
				t.Expect(r).To(gftp.HaveReplyCode(200))
			})
			Expect(j.Judge(ctx, r).Verdict).To(Equal(want), second)
			Expect(noops).To(Equal(2))
		}
	},
		Entry("that closed the session", "421 bye\r\n"),
		Entry("that left it open", "421 in a moment\r\n"),
	)

	It("gives a server time that is full when it is reached", func(ctx context.Context) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		go func() {
			// The first connection only sees whether somebody is there.
			for _, greeting := range []string{"220 ready\r\n", "421 full\r\n", "220 room again\r\n"} {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, greeting)
				for lines := bufio.NewScanner(c); greeting[0] == '2' && lines.Scan(); {
					_, _ = io.WriteString(c, "230 fine\r\n")
				}
				_ = c.Close()
			}
		}()
		at := l.Addr().(*net.TCPAddr)
		j := &spec.Judge{Dialer: &probe.Dialer{Timeout: 5 * time.Second}, Target: probe.Target{Host: at.IP.String(), Port: uint16(at.Port)}}
		Expect(j.Reach(ctx)).To(Succeed())
		Expect(j.Greeting().Text()).To(Equal("room again"))
	})

	It("gives a server up that cannot be reached twice in a row", func(ctx context.Context) {
		var connects atomic.Int64
		target := scripted(func(string) string { return "" })
		j := &spec.Judge{Dialer: &probe.Dialer{Timeout: 5 * time.Second}, Target: target}
		Expect(j.Reach(ctx)).To(Succeed())
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				connects.Add(1)
				_ = c.Close()
			}
		}()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		_, err = fmt.Sscan(port, &j.Target.Port)
		Expect(err).NotTo(HaveOccurred())
		for i := range 5 {
			r := requirement(report.Must, func(ctx context.Context, t *spec.T) { t.Login(ctx) })
			r.ID = fmt.Sprintf("TEST-%03d", i)
			result := j.Judge(ctx, r)
			Expect(result.Verdict).To(Equal(report.Error))
			Expect(result.Reason).To(HavePrefix("server unreachable: "))
		}
		Expect(connects.Load()).To(BeEquivalentTo(4), "two checks, two tries each")
	})
})

// scripted is a server that answers a line with what the script says, or as a
// server would when it says nothing. After 421 bye it closes.
func scripted(script func(line string) string) probe.Target {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	done := make(chan struct{})
	serve := func(c net.Conn) {
		defer c.Close()
		fmt.Fprint(c, "220 ready\r\n")
		for in := bufio.NewScanner(c); in.Scan(); {
			line := strings.TrimSuffix(in.Text(), "\r")
			answer := script(line)
			if answer == "" {
				verb, _, _ := strings.Cut(line, " ")
				answer = map[string]string{"USER": "331 password\r\n", "PASS": "230 in\r\n", "QUIT": "221 bye\r\n"}[verb]
			}
			if answer == "" {
				answer = "200 fine\r\n"
			}
			fmt.Fprint(c, answer)
			if strings.HasPrefix(answer, "421 bye") || strings.HasPrefix(answer, "221") {
				return
			}
		}
	}
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	DeferCleanup(func() {
		_ = l.Close()
		<-done
	})
	target, err := probe.ParseTarget("ftp://user:pass@" + l.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	return target
}
