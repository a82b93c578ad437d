package report

import "strings"

// Redact replaces every occurrence of a secret in text that came, or may have
// come, from a server: servers echo what they are sent. It is the last line of
// defence; whoever makes a transcript redacts it as well.
func (r *Run) Redact(secret string) {
	if secret == "" {
		return
	}
	clean := func(texts ...*string) {
		for _, s := range texts {
			*s = strings.ReplaceAll(*s, secret, "***")
		}
	}
	list := func(texts []string) {
		for i := range texts {
			clean(&texts[i])
		}
	}
	lines := func(ls []Line) {
		for i := range ls {
			clean(&ls[i].Text)
		}
	}
	clean(&r.Error, &r.Target.Greeting, &r.Target.Server)
	if c := r.Check; c != nil {
		for i := range c.Results {
			res := &c.Results[i]
			clean(&res.Reason)
			list(res.Notes)
			for k := range res.Evidence {
				clean(&res.Evidence[k].Text)
				lines(res.Evidence[k].Transcript)
			}
		}
	}
	if l := r.Load; l != nil {
		list(l.Generator.Limits)
		list(l.Generator.Warnings)
		for i := range l.Observations {
			clean(&l.Observations[i].Text)
		}
		if c := l.Capacity; c != nil {
			list(c.BrokenBy)
			for i := range c.Steps {
				list(c.Steps[i].BrokenBy)
			}
		}
		for i := range l.Failures {
			clean(&l.Failures[i].Example)
			lines(l.Failures[i].Transcript)
		}
	}
	if d := r.Diagnose; d != nil {
		for i := range d.Findings {
			f := &d.Findings[i]
			clean(&f.Title)
			list(f.Evidence)
			list(f.RuledOut)
			list(f.Advice)
		}
		for i := range d.Ports {
			clean(&d.Ports[i].Detail)
		}
		for i := range d.Matrix {
			clean(&d.Matrix[i].Advertised, &d.Matrix[i].Detail)
		}
	}
}
