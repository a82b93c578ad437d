package encoding

import (
	"context"
	"regexp"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// tags is what follows LANG in FEAT, and perhaps the semicolon that other lists
// of FEAT end in. What a tag looks like is looked at later.
var tags = regexp.MustCompile(`^[^ ;*]+\*?(;[^ ;*]+\*?)*(;?)$`)

// tag is a language tag (RFC 2640 §4.3); digits are let pass, since later RFCs
// have them in tags.
var tag = regexp.MustCompile(`^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$`)

// A client that sees LANG may use it, and tells from the answer whether the
// words of the replies will be those that it asked for.
var language = spec.Requirement{
	ID:       "UTF-007",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "LANG, where FEAT lists it, takes no tag and the listed ones with 200, and refuses others",
	Cites: []spec.Citation{
		spec.RFC(2640, "4.2", `"lang-ok" MUST be sent if Server-FTP supports the "Lang" command and can support some form of the "lang-tag".`),
		spec.RFC(2640, "4.2", `A 501 response SHOULD be sent if the argument to the "Lang" command is not syntactically correct. A 504 response SHOULD be sent if the "Lang" argument, while syntactically correct, is not implemented.`),
		spec.RFC(2640, "4.1", "If a LANG command without a parameter is issued the server's default language will be used."),
		spec.RFC(2640, "4.3", `lang-fact = lang-tag ["*"] *(";" lang-tag ["*"])`),
		spec.RFC(2640, "4.3", "The OPTIONAL asterisk, when present, SHALL indicate the current lang-tag being used by server-FTP for messages and responses."),
	},
	Features: []string{"LANG"},
	Field:    "Clients that set a language at the beginning of a session stop there, or show messages in a language that was not asked for.",
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Dial(ctx)
		f, err := s.Features(ctx)
		if err != nil || !f.Has("LANG") {
			// Before the login some answer everything with 530.
			s = t.Login(ctx)
			if f, err = s.Features(ctx); err != nil || !f.Has("LANG") {
				t.Skip("missing: feat:LANG (not listed)")
			}
		}
		line := strings.TrimSpace(f.Params("LANG")[0])
		form := tags.FindStringSubmatch(line)
		if form == nil {
			t.Fail("LANG and tags with a semicolon between them", "LANG "+probe.Printable(line))
		}
		if form[2] != "" {
			t.Tolerate("LANG and tags with a semicolon between them", "a semicolon behind the last one, too: LANG "+probe.Printable(line))
		}
		listed := strings.FieldsFunc(line, func(c rune) bool { return c == ';' || c == '*' })

		r := t.Do(ctx, s, "LANG")
		if r.Code == 530 {
			s = t.Login(ctx)
			r = t.Do(ctx, s, "LANG")
		}
		if !r.Positive() {
			t.Fail("200 for LANG without a tag", r.String())
		}
		t.ExpectCode(r, 200)
		chosen := listed[len(listed)-1]
		if r = t.Do(ctx, s, "LANG "+chosen); !r.Positive() {
			t.Fail("200 for LANG "+probe.Printable(chosen)+", which FEAT lists", r.String())
		}
		t.ExpectCode(r, 200)
		if f, err := s.Features(ctx); err == nil {
			for _, line := range f.Params("LANG") {
				if current := starred(line); current != "" && !strings.EqualFold(current, chosen) {
					t.Fail("the star in FEAT on "+probe.Printable(chosen), "LANG "+probe.Printable(line))
				}
			}
		}

		if r := t.Do(ctx, t.Login(ctx), "LANG"); r.Negative() {
			t.Note("after the login LANG is answered %s", r)
		}

		odd := ""
		// A language that nobody has; a server may come as near to it as it can.
		switch r := t.Do(ctx, s, "LANG xx-unknown"); {
		case r.Code == 200 || r.Code == 504:
		case !r.Negative():
			t.Fail("504 for a language that there is not", r.String())
		default:
			odd = r.String() + " for LANG xx-unknown"
		}
		switch r := t.Do(ctx, s, "LANG 123456789"); {
		case r.Code == 501 || r.Code == 504:
		case !r.Negative():
			t.Fail("501 for what is no tag", r.String())
		default:
			odd = r.String() + " for LANG 123456789"
		}
		if odd != "" {
			t.Warn("501 for what is no tag, 504 for a language that there is not", odd)
		}
		for _, name := range listed {
			if !tag.MatchString(name) {
				t.Warn("language tags in FEAT", "LANG "+probe.Printable(line))
			}
		}
	},
}

// starred is the tag with a star; empty if there is none.
func starred(line string) string {
	for name := range strings.SplitSeq(line, ";") {
		if name, ok := strings.CutSuffix(strings.TrimSpace(name), "*"); ok {
			return name
		}
	}
	return ""
}
