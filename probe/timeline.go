package probe

import "time"

// Span is one phase with its begin and end, as times since the session began.
type Span struct {
	Phase      Phase
	Start, End time.Duration
}

// Timeline is the phases of a session as they happened, on the monotonic
// clock. A phase can occur many times.
type Timeline struct {
	epoch time.Time
	spans []Span
}

// now is the time since the session began.
func (t *Timeline) now() time.Duration { return time.Since(t.epoch) }

// add appends a span that ends now and returns its end.
func (t *Timeline) add(p Phase, start time.Duration) time.Duration {
	end := t.now()
	t.spans = append(t.spans, Span{p, start, end})
	return end
}

// Spans are the phases since the last [Timeline.Reset]. The slice is valid
// until then.
func (t *Timeline) Spans() []Span { return t.spans }

// Reset forgets the spans and keeps their memory; the clock goes on.
func (t *Timeline) Reset() { t.spans = t.spans[:0] }

// Totals adds up the time of each phase since the last reset and says which
// phases occurred.
func (t *Timeline) Totals() (total [Phases]time.Duration, seen [Phases]bool) {
	for _, s := range t.spans {
		total[s.Phase] += s.End - s.Start
		seen[s.Phase] = true
	}
	return total, seen
}
