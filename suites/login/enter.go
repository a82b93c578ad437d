package login

import (
	"context"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/suites/spec"
)

var noError = Not(HaveOccurred())

// enter sends the target's USER and PASS on s, if that is safe there, and returns
// the last reply.
func enter(ctx context.Context, t *spec.T, s *probe.Session) probe.Reply {
	t.MayLogIn(s)
	r, err := s.Login(ctx)
	t.Expect(err).To(noError, "a reply to USER and PASS")
	return r
}

// expectLogin expects r to end a login. Refused is one only if a login on another
// connection is not refused as well: then the server is full, or has had enough
// of this account for the moment.
func expectLogin(ctx context.Context, t *spec.T, r probe.Reply, when string) {
	switch {
	case r.Code == 332: // for the account there are other requirements
		return
	case r.Negative():
		t.Login(ctx)
	}
	if !r.Positive() {
		t.Fail("a complete login "+when, r.String())
	}
	t.ExpectCode(r, 230, 202)
}

// hungUp tells that the server has ended the session, which is no worse than a
// refusal.
func hungUp(err error) bool {
	cause := probe.CauseOf(err)
	return err != nil && (cause == probe.Closed || cause == probe.Reset)
}
