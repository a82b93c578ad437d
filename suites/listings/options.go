package listings

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// factList is what follows MLST in FEAT.
var factList = regexp.MustCompile(`^( ([^ ;*]+\*?;)+)?$`)

// The line tells which facts there are before the first one is asked for.
var feature = spec.Requirement{
	ID:       "MLS-016",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "FEAT has one line for both commands, MLST, with the facts that there are and a star behind those that are sent",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.8", `mlst-feat = SP "MLST" [SP factlist] CRLF`),
		spec.RFC(3659, "7.8", `factlist = 1*( factname ["*"] ";" )`),
		spec.RFC(3659, "7.8", "Where the optional asterisk appears after a factname, that fact will be included in MLST format responses"),
		spec.RFC(3659, "7.8", "Note that there is no distinct FEAT output for MLSD."),
	},
	Needs:     spec.Login | spec.Feat | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Clients that choose their facts by this line ask for what they get anyway, or do without what they could have.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		r := t.Do(ctx, s, "FEAT")
		f, err := probe.ParseFeatures(r)
		if err != nil || !f.Has("MLST") {
			t.Skip("missing: feat:MLST (not listed)")
		}
		for line := range strings.SplitSeq(r.Text(), "\n") {
			// How far the line is indented is for FEAT-002 to judge.
			line = strings.TrimLeft(strings.TrimPrefix(line, "211-"), " \t")
			if len(line) < 4 || !strings.EqualFold(line[:4], "MLST") || len(line) > 4 && line[4] != ' ' {
				continue
			}
			if !factList.MatchString(line[4:]) {
				t.Fail("MLST and facts that each end in a semicolon, sent ones with a star before it", probe.Printable(line))
			}
		}
		_, starred := offered(f)
		for _, e := range append(entries(mlsd(ctx, t, s, dir.Path)), look(ctx, t, s, dir.Path)) {
			for _, fact := range e.Facts {
				if !slices.Contains(starred, strings.ToLower(fact.Name)) {
					t.Fail("facts that have a star in FEAT, "+strings.Join(starred, ", "), probe.Printable(e.String()))
				}
			}
		}
		if f.Has("MLSD") {
			t.Warn("no line for MLSD", "a line for MLSD")
		}
	},
}

// optsAnswer is the text of the 200 that answers OPTS MLST.
var optsAnswer = regexp.MustCompile(`(?i)^\s*MLST OPTS(.*)$`)

// Facts can be costly for the server, and useless for the client.
var selects = spec.Requirement{
	ID:       "MLS-017",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "OPTS MLST selects the facts, leaves out what is not supported, and says so in its answer and in FEAT",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.9", `Facts not included in the "OPTS MLST" command MUST NOT be returned by the server.`),
		spec.RFC(3659, "7.9", "Facts requested that are not supported, or that are inappropriate to the file or directory being listed should simply be omitted from the MLSx output. This is not an error."),
		spec.RFC(3659, "7.9.1", `mlst-opt-resp = "MLST OPTS" [ SP 1*( factname ";" ) ]`),
		spec.RFC(3659, "7.9.1", `Note that the list of facts returned will be the same as those marked by a trailing asterisk ("*") in a subsequent FEAT command response.`),
	},
	Needs:     spec.Login | spec.Feat | spec.File | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Clients that take the answer for what they get, and the facts in the order and number that they asked for, read the wrong columns.",
	Check: func(ctx context.Context, t *spec.T) {
		file, dir := t.Fixture(ctx, spec.File), t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		var want []string
		names, _ := offered(t.Features(ctx))
		for _, name := range []string{"type", "size"} {
			if names == nil || slices.Contains(names, name) {
				want = append(want, name)
			}
		}
		expected := strings.TrimRight("200 MLST OPTS "+strings.Join(append(slices.Clone(want), ""), ";"), " ")

		r := t.Do(ctx, s, "OPTS MLST type;size;frogs;")
		t.ExpectCode(r, 200)
		selected, found := answered(t, r)
		if !found || !sameSet(selected, want) {
			t.Fail(expected, r.String())
		}

		entry := look(ctx, t, s, file.Path)
		for _, e := range append(entries(mlsd(ctx, t, s, dir.Path)), entry) {
			for _, f := range e.Facts {
				if !slices.Contains(want, strings.ToLower(f.Name)) {
					t.Fail("no facts but "+strings.Join(want, " and "), probe.Printable(e.String()))
				}
			}
		}
		for _, name := range want {
			if _, ok := entry.Fact(name); !ok {
				t.Fail("the fact "+name+" of a file, as the answer to OPTS says", probe.Printable(entry.String()))
			}
		}
		if f, err := s.Features(ctx); err == nil && f.Has("MLST") {
			if _, starred := offered(f); !sameSet(starred, want) {
				t.Fail("stars in FEAT on "+strings.Join(want, " and "), "stars on "+probe.Printable(strings.Join(starred, ", ")))
			}
		}
	},
}

// answered is the list of facts in a 200 to OPTS MLST, in lower case.
func answered(t *spec.T, r probe.Reply) (names []string, found bool) {
	for line := range strings.SplitSeq(r.Text(), "\n") {
		m := optsAnswer.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		list := strings.TrimSpace(m[1])
		if list != "" && m[1] != " "+list {
			t.Note("spaces around the list of facts: %s", r)
		}
		if list != "" && !strings.HasSuffix(list, ";") {
			t.Tolerate("a semicolon behind each fact", r.String())
		}
		for name := range strings.SplitSeq(strings.ToLower(list), ";") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
		return names, true
	}
	return nil, false
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// Names alone can be asked for, too; and what is no list changes nothing.
var noFacts = spec.Requirement{
	ID:       "MLS-018",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "OPTS MLST without a list turns all facts off, and a list that is malformed is refused with 501 and changes nothing",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.9", "Note that where no factname arguments are present, the client is requesting that only the file names be returned."),
		spec.RFC(3659, "7.9", "That is, the first character of the output line will be a space, (or two characters will be spaces when the line is returned over the control connection) and the file name will start immediately thereafter."),
		spec.RFC(3659, "7.9", `mlst-opts = "OPTS" SP "MLST" [ SP 1*( factname ";" ) ]`),
		spec.RFC(3659, "7.9.2", "The server-FTP sends an error response and completely ignores the request, leaving the fact set selected as it had been previously."),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing, &nothingElse},
	Field:     "A client believes that it has selected facts, and reads lines of another form.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		file := path.Join(dir.Path, dir.Names[0])
		s := t.Login(ctx)

		before := factsOf(look(ctx, t, s, file))
		r := t.Do(ctx, s, "OPTS MLST type size;")
		if r.Code == 500 || r.Code == 502 {
			if _, err := s.Features(ctx); probe.CauseOf(err) == probe.Refusal {
				t.Skip("there is no OPTS, which comes with FEAT (2389 §4), and no FEAT: %s", r)
			}
		}
		if !r.Negative() {
			t.Fail("a refusal of OPTS MLST type size;, reply code 501", r.String())
		}
		t.ExpectRefusal(r, 501)
		if after := factsOf(look(ctx, t, s, file)); !sameSet(before, after) {
			t.Fail("the facts "+strings.Join(before, ", ")+" as before", probe.Printable(strings.Join(after, ", ")))
		}

		t.ExpectCode(t.Do(ctx, s, "OPTS MLST"), 200)
		for _, line := range append(mlsd(ctx, t, s, dir.Path), mlst(ctx, t, s, file)) {
			if !strings.HasPrefix(line, " ") {
				t.Fail("a space and a name after OPTS MLST", probe.Printable(line))
			}
		}
	},
}

// factsOf are the names of the facts of an entry in lower case.
func factsOf(e probe.Entry) []string {
	var names []string
	for _, f := range e.Facts {
		names = append(names, strings.ToLower(f.Name))
	}
	return names
}
