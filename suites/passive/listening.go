package passive

import (
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// connects is how often PASV-008 tries; a race that loses one time in a hundred
// loses one transfer in a hundred.
const connects = 100

// minute ends what is done many times, where a server or the way to it is slow.
const minute = time.Minute

// The 227 is a promise that somebody listens there now. A server that sends it
// first and listens afterwards loses the race against a fast client.
var listening = spec.Requirement{
	ID:       "PASV-008",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The server is already listening on the announced port when the 227 is sent",
	Cites: []spec.Citation{
		spec.RFC(959, "3.2", `The passive data transfer process (this may be a user-DTP or a second server-DTP) shall "listen" on the data port prior to sending a transfer request command.`),
		spec.RFC(959, "4.1.2", "The response to this command includes the host and port address this server is listening on."),
	},
	Needs:     spec.Login | spec.IPv4,
	BlockedBy: []*spec.Requirement{&sixNumbers, &usablePort},
	Field:     "Transfers fail at random with \"connection refused\", more often the closer and faster the client is.",
	Fixes: []spec.Fix{
		{Server: "any", Setting: "refused every time: the range is closed in a firewall, or not forwarded; see \"pasv diagnose\""},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		enough := time.Now().Add(minute)
		o := t.PASV(ctx, s)
		for try := 1; ; try++ {
			c, err := t.DialData(ctx, s, o)
			if err != nil {
				t.Blame(err)
				t.Fail("a connection to the announced port at once", fmt.Sprintf("%v (try %d of %d)", err, try, connects))
			}
			_ = c.Close()
			if try == connects || time.Now().After(enough) {
				return
			}
			var refusal probe.Reply
			if o, refusal = offer(ctx, t, s); !refusal.IsZero() {
				t.Note("after %d connections PASV is answered %s", try, refusal)
				return
			}
		}
	},
}
