package extended

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Clients that try EPSV first and find its port blocked go on with PASV in the
// same session; what they asked for last is what counts.
//
// The check connects to a port that was given up, which may have gone to another
// check's session by then: that is why it is alone.
var replaceEachOther = spec.Requirement{
	ID:       "EPSV-016",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "EPSV and PASV replace each other",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", "The server MUST close the data connection under the following conditions:"),
		spec.RFC(959, "3.2", "3. The port specification is changed by a command from the user."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&listening},
	Alone:     true,
	Field:     "After the fallback from EPSV to PASV the data go to a connection that the client does not read: the transfer hangs.",
	Check: func(ctx context.Context, t *spec.T) {
		sound(ctx, t)
		s := t.Login(ctx)
		extended := func(ctx context.Context, s *probe.Session) probe.Offer { return offer(ctx, t, s) }
		replaces(ctx, t, s, t.PASV, extended)
		replaces(ctx, t, s, extended, t.PASV)
	},
}

// replaces expects that a transfer goes over the port of the second command, and
// not over that of the first one.
func replaces(ctx context.Context, t *spec.T, s *probe.Session, first, second func(context.Context, *probe.Session) probe.Offer) {
	old := first(ctx, s)
	c1 := t.Connect(ctx, s, old, &listening)
	defer c1.Close()
	o := second(ctx, s)
	if o.Advertised.Port == old.Advertised.Port {
		t.Note("%s announces the port of the %s before, so that they cannot be told apart", o.Command, old.Command)
		return
	}
	c2, err := t.DialData(ctx, s, o)
	t.Expect(err).NotTo(HaveOccurred(), "data connection to the port of %s after %s", o.Command, old.Command)
	defer c2.Close()

	r := t.Do(ctx, s, "LIST")
	t.ExpectCode(r, 125, 150)
	what := fmt.Sprintf("the connection to the port of the %s before %s", old.Command, o.Command)
	unserved(ctx, t, c1, what)
	t.Listing(ctx, s, c2)

	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	again, err := s.DialData(short, c1.Addr())
	if err != nil {
		t.Blame(err)
		return // nobody listens there any more
	}
	defer again.Close()
	unserved(ctx, t, again, "a new connection there")
}

// unserved expects that no data come on c. That it stays open proves nothing
// (it may lie in the backlog of the kernel), so it is only noted.
func unserved(ctx context.Context, t *spec.T, c *probe.DataConn, what string) {
	const patience = 2 * time.Second
	switch t.Watch(ctx, c, patience) {
	case spec.Spoke:
		t.Fail("no data on "+what, fmt.Sprintf("data from %s", c.Addr()))
	case spec.Silent:
		t.Note("%s stays open and silent", what)
	}
}
