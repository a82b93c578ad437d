package diagnose

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
)

// Options say what to diagnose. Only Target is needed.
type Options struct {
	// Dialer opens the sessions; its timeout is the patience for replies.
	// Its choice of passive command and address is not used.
	Dialer *probe.Dialer
	Target probe.Target
	// Samples is the number of passive ports to ask for, besides those of the
	// matrix when these are fewer; [DefaultSamples] when zero.
	Samples int
	// DataTimeout is the patience for a data connection to come up;
	// [DefaultDataTimeout] when zero. A port that does not answer costs this long.
	DataTimeout time.Duration
	// Progress is told how many of the steps are done and what is being tried. It is
	// called by one goroutine at a time.
	Progress func(done, total int, what string)
}

// The defaults of [Options].
const (
	DefaultSamples     = 12
	DefaultDataTimeout = 5 * time.Second
)

const (
	// attempts is how often each way is tried.
	attempts = 3
	// hopeless is how many silent attempts end a way early: silence costs the
	// most time and says the least.
	hopeless = 2
	// workers is the most data connections that are tried at once.
	workers = 4
	// sampleTimeout is the patience for a sampled port, where DataTimeout is not
	// shorter. It leaves room for one lost SYN, which is sent again after one second.
	sampleTimeout = 3 * time.Second
	// transferLimit bounds one listing, so that an endless one ends.
	transferLimit = time.Minute
)

// Run diagnoses the target. A server that cannot be reached or logged in to is
// a finding. The error is that of ctx when the caller gave up, with what was
// seen until then and no findings; or says that the target's directory cannot
// be entered.
func Run(ctx context.Context, opt Options) (report.Diagnosis, error) {
	f, err := gather(ctx, opt)
	d := report.Diagnosis{Findings: []report.Finding{}, Ports: f.ports(), Range: f.span(), Matrix: []report.Cell{}}
	if f.Peer.IsValid() {
		d.Matrix = f.cells()
	}
	if err != nil {
		return d, err
	}
	d.Findings = Judge(f)
	return d, nil
}

// prober runs one diagnosis.
type prober struct {
	Options
	mu    sync.Mutex
	done  int
	total int
}

// gather collects the facts.
func gather(ctx context.Context, opt Options) (Facts, error) {
	p := &prober{Options: opt}
	dialer := probe.Dialer{}
	if p.Dialer != nil {
		dialer = *p.Dialer
	}
	dialer.ICMP = true
	p.Dialer = &dialer
	if p.Samples <= 0 {
		p.Samples = DefaultSamples
	}
	if p.DataTimeout <= 0 {
		p.DataTimeout = DefaultDataTimeout
	}
	p.total = 4 + p.Samples
	p.step(0, "control connection")

	f := Facts{Address: p.Target.Address()}
	s, greeting, err := p.open(ctx)
	f.Greeting = greeting
	if ctx.Err() != nil {
		if s != nil {
			s.Close()
		}
		return f, ctx.Err()
	}
	var e *probe.Error
	if errors.As(err, &e) && e.Phase == probe.Command {
		return f, err // logged in, but TYPE or CWD is refused: a matter of the target's URL
	}
	if err != nil {
		f.Trouble = err
		return f, nil
	}
	f.Peer, f.Protected = s.Peer(), s.Protected()
	if f.Product, err = Identify(ctx, s); err != nil {
		s.Close()
		if s, _, err = p.open(ctx); err != nil {
			s = nil // the ways will say why
		}
	}
	s = p.matrix(ctx, s, &f)
	s = p.sample(ctx, s, &f)
	if s != nil {
		_, _ = s.Quit(ctx)
	}
	p.step(p.total, "done")
	return f, ctx.Err()
}

// step tells the progress.
func (p *prober) step(n int, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = min(p.done+n, p.total)
	if p.Progress != nil {
		p.Progress(p.done, p.total, what)
	}
}

// open opens a session; the greeting is there even if the login fails.
func (p *prober) open(ctx context.Context) (*probe.Session, probe.Reply, error) {
	s, err := p.Dialer.Dial(ctx, p.Target)
	if err != nil {
		var e *probe.Error
		if errors.As(err, &e) {
			return nil, e.Reply, err
		}
		return nil, probe.Reply{}, err
	}
	if err := s.Enter(ctx); err != nil {
		s.Close()
		return nil, s.Greeting(), err
	}
	return s, s.Greeting(), nil
}

// Identify tells the product behind a session: by its greeting, else by what
// it answers to HELP, SYST and FEAT. The error is that of the control connection.
func Identify(ctx context.Context, s *probe.Session) (probe.Product, error) {
	replies := []probe.Reply{s.Greeting()}
	product := probe.RecognizeProduct(replies...)
	for _, command := range []string{"HELP", "SYST", "FEAT"} {
		if product.Name != "" {
			break
		}
		r, err := s.Do(ctx, command)
		if err != nil {
			return product, err
		}
		replies = append(replies, r)
		product = probe.RecognizeProduct(replies...)
	}
	return product, nil
}
