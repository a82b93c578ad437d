package transfer

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A handful of sessions is what any server has. It is alone, so that the number is
// known.
var several = spec.Requirement{
	ID:        "XFER-047",
	Level:     report.Must,
	Severity:  report.Critical,
	Title:     "Each of several simultaneous transfers carries its own file",
	Cites:     []spec.Citation{copies, accepts},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores, &visible}),
	Alone:     true,
	Sturdy:    true,
	Field:     "Users get one another's files, whole or in parts. It shows when the server is busy, and on no test machine.",
	Check: func(ctx context.Context, t *spec.T) {
		// Larger than what buffers hold, so that all are under way at the same time.
		transferTogether(ctx, t, 5, 5<<20)
	},
}

// A crowd finds what has room for a certain number: tables, pools, descriptors.
var crowd = spec.Requirement{
	ID:        "XFER-038",
	Level:     report.Practice,
	Severity:  report.Critical,
	Title:     "A hundred simultaneous transfers of different files do not influence one another",
	Cites:     []spec.Citation{copies, accepts},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores, &visible, &several}),
	Alone:     true, // it takes whatever number of sessions and ports there is
	Sturdy:    true,
	Timeout:   5 * time.Minute,
	Field:     "Under load files are mixed up or damaged, one in a thousand, and nobody can say why.",
	Check: func(ctx context.Context, t *spec.T) {
		transferTogether(ctx, t, 100, 64<<10)
	},
}

// lane is one of the sessions that transfer at the same time.
type lane struct {
	n       int
	s       *probe.Session
	c       *probe.DataConn
	path    string
	content []byte // what is in path, or is to be

	verb        string // of the transfer that runs
	mark, final probe.Reply
	got         comparison
	failed, err error // the data connection, and the replies
}

// refused tells that the server said by itself that this transfer did not succeed:
// it may have limits.
func (l *lane) refused() bool { return l.err == nil && !l.final.Positive() }

// comparison is an [io.Writer] that compares what it is given with what is wanted,
// and keeps the beginning of what is not.
type comparison struct {
	want  []byte
	n     int
	at    int    // of the first octet that is wrong
	wrong []byte // from there on; nil when there is none
}

func (c *comparison) Write(p []byte) (int, error) {
	const most = 32
	if c.wrong == nil {
		rest := c.want[min(c.n, len(c.want)):]
		for i, b := range p {
			if i == len(rest) || b != rest[i] {
				c.at, c.wrong = c.n+i, bytes.Clone(p[i:min(len(p), i+most)])
				break
			}
		}
	}
	c.n += len(p)
	return len(p), nil
}

// transferTogether has up to n sessions store files of about so many octets at the
// same time, then half of them fetch theirs while the others replace theirs, and
// then all of them fetch, and at last all fetch the same one. A server that allows fewer sessions, ports or
// transfers is judged by as many as it does.
func transferTogether(ctx context.Context, t *spec.T, n, size int) {
	// Sizes that fit into no buffer exactly, and contents of which no two agree
	// anywhere: parts of the same octets that begin a little later each.
	const step = 613
	room := t.Room(ctx)
	lanes := occupy(ctx, t, n)
	for _, l := range lanes {
		l.path = fmt.Sprintf("%s/%d.bin", room, l.n)
	}
	for phase, verb := range []func(l *lane) string{
		func(*lane) string { return "STOR" },
		func(l *lane) string { return []string{"RETR", "STOR"}[l.n%2] },
		func(*lane) string { return "RETR" },
	} {
		octets := random(size + 2*step*n)
		for _, l := range lanes {
			if l.verb = verb(l); l.verb == "STOR" {
				l.content = octets[step*l.n : size+2*step*l.n+7]
			}
		}
		lanes = run(ctx, t, lanes)
		if len(lanes) < 2 {
			t.Skip("in phase %d the server let %d of %d sessions transfer at the same time", phase+1, len(lanes), n)
		}
		for _, l := range lanes {
			judgeLane(t, l, lanes)
		}
	}
	if len(lanes) < n {
		t.Note("%d of %d sessions could transfer at the same time", len(lanes), n)
	}

	// Many want the same file, too, at the same time.
	for _, l := range lanes {
		l.path, l.content = lanes[0].path, lanes[0].content
	}
	lanes = run(ctx, t, lanes)
	for _, l := range lanes {
		judgeLane(t, l, lanes)
	}
	if len(lanes) < 2 {
		t.Note("%d sessions could download the same file at the same time", len(lanes))
	}
}

// few is how many sessions are logged in, or ask for a port, at the same time. What
// is judged is transfers, not a storm of logins.
const few = 10

// occupy logs in as many sessions as the server admits, n at most. The first one
// must.
func occupy(ctx context.Context, t *spec.T, n int) []*lane {
	lanes := []*lane{{s: t.Login(ctx)}}
	d, target := t.With(func(*probe.Dialer, *probe.Target) {})
	for full := false; len(lanes) < n && !full; {
		more := make([]*probe.Session, min(few, n-len(lanes)))
		var wg sync.WaitGroup
		for i := range more {
			wg.Go(func() { more[i], _ = d.Open(ctx, target) })
		}
		wg.Wait()
		for _, s := range more {
			if s == nil {
				full = true
				continue
			}
			lanes = append(lanes, &lane{n: len(lanes), s: t.Keep(s)})
		}
		goOn(ctx, t)
	}
	return lanes
}

// connect opens the data connections. The address of the first one serves for all:
// the others are not to wait for one that does not answer.
func connect(ctx context.Context, t *spec.T, lanes []*lane) {
	first := lanes[0]
	first.c = t.Open(ctx, first.s)
	at := first.c.Addr().Addr()
	full := false
	for batch := range slices.Chunk(lanes[1:], few) {
		var wg sync.WaitGroup
		silent := make([]bool, len(batch))
		for i, l := range batch {
			l.c = nil
			if full {
				continue
			}
			wg.Go(func() {
				o, err := offer(ctx, t, l.s)
				if silent[i] = probe.CauseOf(err) == probe.Stalled; err == nil {
					l.c, _ = l.s.DialData(ctx, netip.AddrPortFrom(at, o.Advertised.Port))
				}
			})
		}
		wg.Wait()
		// A server that does not answer any of these need not be asked by the rest.
		full = full || !slices.Contains(silent, false)
	}
}

// run makes one transfer in each lane, all at the same time, and returns the lanes
// in which there was one.
func run(ctx context.Context, t *spec.T, lanes []*lane) []*lane {
	connect(ctx, t, lanes)
	var all, marked sync.WaitGroup
	together := make(chan struct{})
	for _, l := range lanes {
		if l.c != nil {
			marked.Add(1)
			all.Go(func() { l.transfer(ctx, &marked, together) })
		}
	}
	all.Go(func() {
		marked.Wait()
		close(together)
	})
	all.Wait()
	goOn(ctx, t)

	kept := lanes[:0:0]
	for _, l := range lanes {
		if l.c == nil || l.refused() {
			continue
		}
		kept = append(kept, l)
	}
	return kept
}

// assembly is how long a transfer that has its mark waits for the others to get
// theirs: a server may make them one after the other.
const assembly = 3 * time.Second

func (l *lane) transfer(ctx context.Context, marked *sync.WaitGroup, together <-chan struct{}) {
	defer l.c.Close()
	l.got, l.failed, l.final = comparison{want: l.content}, nil, probe.Reply{}
	l.mark, l.err = l.s.Do(ctx, l.verb+" "+l.path)
	marked.Done()
	if l.err != nil || !l.mark.Preliminary() {
		l.final = l.mark
		return
	}
	select {
	case <-together:
	case <-time.After(assembly):
	case <-ctx.Done():
	}
	if l.s.Protected() {
		l.failed = l.c.Handshake(ctx)
	}
	switch {
	case l.failed != nil:
	case l.verb == "RETR":
		l.c.Begin()
		l.failed = l.c.Receive(ctx, &l.got)
	default:
		if l.failed = l.c.Send(ctx, bytes.NewReader(l.content)); l.failed == nil {
			l.failed = l.c.Finish(ctx)
		}
	}
	_ = l.c.Close()
	l.final, l.err = l.s.Complete(ctx)
}

// judgeLane judges what a transfer brought that the server calls complete.
func judgeLane(t *spec.T, l *lane, lanes []*lane) {
	what := fmt.Sprintf("%s in session %d of %d", l.verb, l.n, len(lanes))
	if l.err != nil {
		t.Blame(l.err)
		t.Fail(what+": a mark and a final reply", l.err.Error())
	}
	if l.failed != nil {
		t.Blame(l.failed)
		t.Fail(what+": data up to their end", fmt.Sprintf("%v, then %s", l.failed, l.final))
	}
	switch got := &l.got; {
	case l.verb != "RETR":
	case got.wrong != nil:
		seen := fmt.Sprintf("%d of %d octets, wrong from octet %d on", got.n, len(l.content), got.at)
		for _, other := range lanes {
			if other != l && len(got.wrong) > 8 && bytes.Contains(other.content, got.wrong) {
				seen += fmt.Sprintf(", with those of session %d", other.n)
				break
			}
		}
		t.Fail(what+": its own file", seen)
	case got.n < len(l.content):
		t.Fail(what+": its own file", fmt.Sprintf("%d of %d octets", got.n, len(l.content)))
	}
}
