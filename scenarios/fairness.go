package scenarios

import "github.com/passiveftp/pasv/report"

// mark is what a recorder had counted at a moment.
type mark struct{ moved, done int64 }

// marks are those of all recorders, in their order.
func (c *collector) marks() []mark {
	all := make([]mark, len(c.recorders))
	for i, r := range c.recorders {
		all[i] = mark{r.payload(), r.done.Load()}
	}
	return all
}

// fairness compares what was done in the places for sessions between the begin
// and the end of measuring.
func (c *collector) fairness(s *Scenario) *report.Fairness {
	switch {
	case s.Load.Model != Closed:
		return &report.Fairness{Unjudged: "sessions of the open model have no time in common"}
	case s.Load.For == 0:
		return &report.Fairness{Unjudged: "with a count of sessions there is no time that all of them ran"}
	case len(s.Mix) > 1:
		return &report.Fairness{Unjudged: "sessions of a mix do different things"}
	}
	var bytes, operations []int64
	for i, r := range c.recorders {
		if r.whole && i < len(c.begun) && i < len(c.ended) {
			bytes = append(bytes, c.ended[i].moved-c.begun[i].moved)
			operations = append(operations, c.ended[i].done-c.begun[i].done)
		}
	}
	f := &report.Fairness{Sessions: len(bytes), Bytes: report.SpreadOf(bytes), Operations: report.SpreadOf(operations)}
	switch {
	case f.Sessions < 2:
		f.Unjudged = "no two sessions ran for the whole measured time"
	case f.Operations.Max == 0 && f.Bytes.Max == 0:
		f.Unjudged = "the sessions did nothing that could be compared"
	}
	return f
}
