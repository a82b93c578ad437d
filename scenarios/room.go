package scenarios

import (
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
)

// room is how many sessions the server has room for: the most that were logged in
// at the same time, if others were turned away.
type room struct {
	most   int
	turned bool // somebody was turned away
	last   time.Duration
}

// look counts the sessions that are logged in, unless it has done so a moment ago.
// One that is counted is there: it is counted out before it says QUIT.
func (r *room) look(c *collector) {
	now := time.Since(c.epoch)
	// The more there are to count, the longer the moment.
	if gap := max(2*time.Millisecond, time.Duration(len(c.recorders))*time.Microsecond); now-r.last < gap {
		return
	}
	r.last = now
	n := 0
	for _, other := range c.recorders {
		n += int(other.entered.Load())
	}
	r.most = max(r.most, n)
}

// turnedAway is the code of a reply to sessions that are too many, beginning the
// phases in which they get it.
const turnedAway = 421

var beginning = []string{probe.Greeting.String(), probe.TLS.String(), probe.Login.String()}

// failed notes that a session has been turned away.
func (r *room) failed(f *failure) {
	r.turned = r.turned || f.code == turnedAway && slices.Contains(beginning, f.phase)
}

// sessions is how many there is room for; 0 when nobody was turned away.
func (r *room) sessions() int {
	if !r.turned {
		return 0
	}
	return r.most
}
