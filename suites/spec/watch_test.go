package spec_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites"
	"github.com/passiveftp/pasv/suites/spec"
)

var _ = Describe("A requirement that watches", func() {
	// watching fails at every reply with a code.
	watching := func(code int) *spec.Requirement {
		r := requirement(report.Must, func(context.Context, *spec.T) {})
		r.ID = "TEST-000"
		r.Watch = func(w *spec.Watched) {
			for _, e := range w.Exchanges {
				for _, reply := range e.Replies {
					if reply.Code == code {
						w.Fail(fmt.Sprintf("no %d", code), e.Command)
					}
				}
			}
		}
		return r
	}
	asking := func(line string) *spec.Requirement {
		return requirement(report.Must, func(ctx context.Context, t *spec.T) { t.Do(ctx, t.Login(ctx), line) })
	}

	It("judges the sessions of all checks, and shows the one that breaks it", func(ctx context.Context) {
		j := judgeOf(ftptest.Config{})
		watcher, other := watching(215), asking("SYST")
		requirements := []*spec.Requirement{watcher, other}
		suites.Ahead(ctx, j, requirements, 4)()
		Expect(j.Judge(ctx, other).Verdict).To(Equal(report.Pass))
		result := j.Judge(ctx, watcher)
		Expect(result.Verdict).To(Equal(report.Fail))
		Expect(result.Reason).To(Equal("expected no 215; saw SYST (in the session of TEST-001)"))
		Expect(fmt.Sprint(result.Evidence)).To(And(ContainSubstring("SYST"), ContainSubstring("215 ")))
	})

	It("is met when nothing breaks it", func(ctx context.Context) {
		j := judgeOf(ftptest.Config{})
		watcher, other := watching(299), asking("SYST")
		suites.Ahead(ctx, j, []*spec.Requirement{watcher, other}, 4)()
		Expect(j.Judge(ctx, watcher).Verdict).To(Equal(report.Pass))
	})

	It("sees commands with their replies, and knows when that is not sure", func(ctx context.Context) {
		var seen []spec.Exchange
		watcher := watching(0)
		watcher.Watch = func(w *spec.Watched) { seen = w.Exchanges }
		other := requirement(report.Must, func(ctx context.Context, t *spec.T) {
			s := t.Login(ctx)
			t.Expect(s.Write(ctx, "NOOP\r\nPWD\r\n")).To(Succeed())
			t.Receive(ctx, s, "the first reply")
			t.Receive(ctx, s, "the second reply")
			t.Do(ctx, s, "SYST")
			t.Download(ctx, s, "LIST")
			// One whose final reply comes after another command has been sent.
			c := t.Open(ctx, s)
			t.Expect(t.Do(ctx, s, "MLSD").Code).To(Equal(150))
			t.Expect(s.Send(ctx, "STAT")).To(Succeed())
			_, err := c.ReadAll(ctx, 0)
			t.Expect(err).To(Succeed())
			t.Expect(c.Close()).To(Succeed())
			t.Receive(ctx, s, "a reply")
			t.Receive(ctx, s, "another reply")
		})
		j := judgeOf(ftptest.Config{})
		j.Expect([]*spec.Requirement{watcher})
		Expect(j.Judge(ctx, other).Verdict).To(Equal(report.Pass))

		by := map[string]spec.Exchange{}
		for _, e := range seen {
			by[e.Verb()] = e
		}
		Expect(seen[0].Command).To(BeEmpty())
		Expect(seen[0].Replies[0].Code).To(Equal(220))
		Expect(by["PASS"].Command).To(Equal("PASS ***"))
		Expect(by["PASS"].LoggedIn).To(BeFalse())
		Expect(by["NOOP"].Sure).To(BeFalse())
		Expect(by["NOOP"].Prompt).To(BeZero())
		Expect(by["LIST"].Prompt).To(Equal(2))
		Expect(by["MLSD"].Sure).To(BeFalse())
		Expect(by["MLSD"].Prompt).To(Equal(1))
		Expect(by["MLSD"].Replies).To(HaveLen(2))
		Expect(by["SYST"].Sure).To(BeTrue())
		Expect(by["SYST"].LoggedIn).To(BeTrue())
		Expect(by["SYST"].Replies).To(HaveLen(1))
		Expect(by["LIST"].Replies).To(HaveLen(2))
		Expect(by["QUIT"].Replies).To(HaveLen(1))
	})
})

var _ = Describe("The order of judging", func() {
	It("has what must be alone after the rest, and what watches at the end", func() {
		watching, alone, one, two := &spec.Requirement{ID: "A", Watch: func(*spec.Watched) {}}, &spec.Requirement{ID: "B", Alone: true}, &spec.Requirement{ID: "C"}, &spec.Requirement{ID: "D"}
		all := []*spec.Requirement{watching, alone, one, two}
		Expect(spec.Order(all)).To(Equal([]*spec.Requirement{one, two, alone, watching}))
		Expect(all[0]).To(BeIdenticalTo(watching))
	})
})
