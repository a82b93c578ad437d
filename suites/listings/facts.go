package listings

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// osType is a type of one operating system only (RFC 3659 §7.5.1.5).
var osType = regexp.MustCompile(`^os\.[^=]+=.+$`)

// Whether something is a file or a directory is what clients look at first.
var kind = spec.Requirement{
	ID:       "MLS-008",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "The type fact is file, dir, cdir, pdir or OS.name=kind, and right about the entry",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5.1", `type-val = "File" / "cdir" / "pdir" / "dir" / os-type`),
		spec.RFC(3659, "7.5.1", "The type fact given specifies information about the object listed on the same line of the MLST response."),
	},
	Needs:     spec.Login | spec.File | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Clients show directories as files, or leave them out: trees cannot be opened, fetched or mirrored.",
	Check: func(ctx context.Context, t *spec.T) {
		file, dir := t.Fixture(ctx, spec.File), t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		judge := func(e probe.Entry, want string) {
			value := e.Type()
			switch {
			case value == "":
			case value != "file" && value != "dir" && value != "cdir" && value != "pdir" && !osType.MatchString(value):
				t.Fail("type=file, dir, cdir, pdir or OS.name=kind", probe.Printable(e.String()))
			case want == "" || value == want:
			case want == "dir" && value == "cdir": // whether it may be is for MLS-009 to judge
			case osType.MatchString(value):
				t.Note("%s instead of type=%s", probe.Printable(e.String()), want)
			default:
				t.Fail("type="+want, probe.Printable(e.String()))
			}
		}
		all := entries(mlsd(ctx, t, s, dir.Path))
		if !slices.ContainsFunc(all, func(e probe.Entry) bool { return e.Type() != "" }) {
			t.Skip("there is no type fact")
		}
		for _, e := range all {
			want := ""
			for _, name := range dir.Names {
				if !strings.EqualFold(e.Name, name) {
					continue
				}
				if want = "file"; name == "sub" {
					want = "dir"
				}
			}
			judge(e, want)
		}
		judge(look(ctx, t, s, file.Path), "file")
		judge(look(ctx, t, s, dir.Path), "dir")
	},
}

// Without its type the entry for the directory itself cannot be told from a
// subdirectory of that name.
var current = spec.Requirement{
	ID:       "MLS-009",
	Level:    report.MustNot,
	Severity: report.Minor,
	Title:    "The directory itself and its parent are listed by MLSD alone, and only with their type",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5.1.2", "An entry of this type will only be returned as a part of the result of an MLSD command when the type fact is included"),
		spec.RFC(3659, "7.5.1.2", "It MUST NOT be included if the type fact is not included, or there would be no way for the user-PI to distinguish the name of the directory from an entry in the directory."),
		spec.RFC(3659, "7.5.1.4", "If present, which will occur only in the response to a MLSD command when the type fact is included, the type=pdir entry represents a pathname of the parent directory of the listed directory."),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Clients that asked for names alone descend into \".\" and \"..\" without an end, or leave the tree they were to copy.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		if e := look(ctx, t, s, dir.Path); e.Type() == "cdir" || e.Type() == "pdir" {
			t.Fail("type=dir in the answer to MLST", probe.Printable(e.String()))
		}
		enter(ctx, t, s, dir.Path)
		itself := t.Do(ctx, s, "MLST")

		above := []string{".", "..", "./", "../", dir.Path}
		if here, err := s.WorkingDirectory(ctx); err == nil {
			above = append(above, here, parentOf(here))
		}
		if r := t.Do(ctx, s, "OPTS MLST size;"); !r.Positive() {
			t.Note("the type fact cannot be turned off: %s", r)
		} else {
			for _, e := range entries(mlsd(ctx, t, s, "")) {
				if e.Type() == "" && slices.Contains(above, e.Name) {
					t.Fail("no entry for the directory itself or its parent while there is no type fact", probe.Printable(e.String()))
				}
			}
		}
		if e, err := probe.ParseMLST(itself); err == nil && e.Type() == "cdir" {
			t.Warn("type=dir in the answer to MLST without an argument", probe.Printable(e.String()))
		}
	},
}

// parentOf is the path of the parent directory.
func parentOf(dir string) string {
	if i := strings.LastIndexByte(strings.TrimRight(dir, "/"), '/'); i > 0 {
		return dir[:i]
	}
	return "/"
}

// Letters of the perm fact (RFC 3659 §7.5.5): for files, for directories, and
// those that some systems may give to both.
const (
	anyPermission  = "acdeflmprw"
	filePermission = "adfrw"
	dirPermission  = "cdeflmprw"
)

var letters = regexp.MustCompile(`^[A-Za-z]*$`)

// The letters are a guide, so that a promise which is not kept is a warning.
var permissions = spec.Requirement{
	ID:       "MLS-010",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "The perm fact has letters alone, of those that are defined, and means it",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5.5", "Its value is always an unordered sequence of alphabetic characters."),
		spec.RFC(3659, "7.5.5", `pvals = "a" / "c" / "d" / "e" / "f" / "l" / "m" / "p" / "r" / "w"`),
		spec.RFC(3659, "7.5.5", "Many are meaningful only when used with a particular type of object."),
		spec.RFC(3659, "7.5.5", "The permissions are a guide only."),
	},
	Needs:     spec.Login | spec.Write | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Clients grey out what the account could do, or offer what it cannot.",
	Check: func(ctx context.Context, t *spec.T) {
		dir, room := t.Fixture(ctx, spec.Dir), t.Room(ctx)
		s := t.Login(ctx)
		content := []byte("a file with permissions\n")
		store(ctx, t, s, room+"/f", content)
		if r := t.Do(ctx, s, "MKD "+room+"/d"); !r.Positive() {
			t.Skip("no directory to work with: %s", r)
		}
		all := entries(mlsd(ctx, t, s, dir.Path))
		file, folder := look(ctx, t, s, room+"/f"), look(ctx, t, s, room+"/d")
		all = append(all, file, folder)

		given, strange := false, probe.Entry{}
		for _, e := range all {
			perm, ok := e.Fact("perm")
			given = given || ok
			if !letters.MatchString(perm) {
				t.Fail("letters in the perm fact, and nothing else", probe.Printable(e.String()))
			}
			known := anyPermission
			switch e.Type() {
			case "file":
				known = filePermission
			case "dir", "cdir", "pdir":
				known = dirPermission
			}
			if strings.Trim(strings.ToLower(perm), known) != "" {
				strange = e
			}
		}
		if !given {
			t.Skip("there is no perm fact")
		}
		broken := promises(ctx, t, s, room, file, folder, content)
		if broken != "" {
			t.Warn("what the perm fact permits", broken)
		}
		if strange.Name != "" {
			t.Warn("letters that mean something for the type of the entry", probe.Printable(strange.String()))
		}
	},
}

// promises tries what the perm facts of the file f and of the directory d in
// room permit, and says what is refused.
func promises(ctx context.Context, t *spec.T, s *probe.Session, room string, file, folder probe.Entry, content []byte) string {
	plain := func(line string) func() probe.Reply {
		return func() probe.Reply { return t.Do(ctx, s, line) }
	}
	take := func(line string) func() probe.Reply {
		return func() probe.Reply { return t.Take(ctx, s, line).Final }
	}
	give := func(line string) func() probe.Reply {
		return func() probe.Reply { return t.Give(ctx, s, line, content).Final }
	}
	f, d := room+"/f", room+"/d"
	for _, p := range []struct {
		of     probe.Entry
		letter string
		what   string
		try    func() probe.Reply
	}{
		{file, "r", "RETR", take("RETR " + f)},
		{file, "w", "STOR", give("STOR " + f)},
		{file, "a", "APPE", give("APPE " + f)},
		{file, "f", "RNFR", func() probe.Reply {
			r := t.Do(ctx, s, "RNFR "+f)
			if r.Code == 350 {
				t.Do(ctx, s, "RNTO "+f+"2")
				f += "2"
			}
			return r
		}},
		{file, "d", "DELE", func() probe.Reply { return t.Do(ctx, s, "DELE "+f) }},
		{folder, "l", "MLSD", take("MLSD " + d)},
		{folder, "c", "STOR", give("STOR " + d + "/new")},
		{folder, "m", "MKD", plain("MKD " + d + "/sub")},
		{folder, "p", "RMD", plain("RMD " + d + "/sub")},
		{folder, "e", "CWD", func() probe.Reply { return t.Do(ctx, t.Login(ctx), "CWD "+d) }},
	} {
		perm, _ := p.of.Fact("perm")
		if !strings.Contains(strings.ToLower(perm), p.letter) {
			continue
		}
		if p.what == "RMD" && !strings.Contains(strings.ToLower(perm), "m") {
			continue // nothing there to be removed
		}
		switch r := p.try(); {
		case r.Code == 500, r.Code == 502:
			t.Note("perm=%s, and %s is unknown: %s", probe.Printable(perm), p.what, r)
		case r.Negative():
			return fmt.Sprintf("perm=%s, and %s is answered %s", probe.Printable(perm), p.what, r)
		}
	}
	return ""
}

var decimal = regexp.MustCompile(`^[0-9]+$`)

// Mirrors compare size and time, and nothing else.
var sizes = spec.Requirement{
	ID:       "MLS-011",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The size fact is a decimal number, and the modify and create facts are times in UTC",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5.7", `size-fact = "Size" "=" 1*DIGIT`),
		spec.RFC(3659, "7.5.3", `modify-fact = "Modify" "=" time-val`),
		spec.RFC(3659, "7.5.4", `create-fact = "Create" "=" time-val`),
		spec.RFC(3659, "2.3", `time-val = 14DIGIT [ "." 1*DIGIT ]`),
		spec.RFC(3659, "2.3", "Time values are always represented in UTC (GMT)"),
	},
	Needs:     spec.Login | spec.File | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Mirrors and backups fetch everything again each time, or leave changed files out; dates are shown as 1970 or not at all.",
	Check: func(ctx context.Context, t *spec.T) {
		file, dir := t.Fixture(ctx, spec.File), t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		e := look(ctx, t, s, file.Path)
		judged := false
		for _, e := range append(entries(mlsd(ctx, t, s, dir.Path)), e) {
			if size, ok := e.Fact("size"); ok {
				judged = true
				if !decimal.MatchString(size) {
					t.Fail("size= and a decimal number", probe.Printable(e.String()))
				}
				if strings.HasSuffix(e.Type(), "dir") {
					t.Note("directories have a size fact, too")
				}
			}
			for _, name := range []string{"modify", "create"} {
				value, ok := e.Fact(name)
				if !ok {
					continue
				}
				judged = true
				if _, err := probe.ParseTime(value); err != nil {
					t.Fail(name+"= and YYYYMMDDHHMMSS, with or without a fraction", err.Error()+": "+probe.Printable(e.String()))
				}
			}
		}
		if !judged {
			t.Skip("there are no size, modify and create facts")
		}
		if size, err := e.Size(); err == nil {
			if r := t.Do(ctx, s, "SIZE "+file.Path); r.Code == 213 {
				if n, err := probe.ParseSIZE(r); err == nil && n != size && n == file.Size {
					t.Warn(fmt.Sprintf("the size that SIZE tells in TYPE I, %d", n), probe.Printable(e.String()))
				}
			}
		}
		if modified, err := e.Modified(); err == nil {
			r := t.Do(ctx, s, "MDTM "+file.Path)
			at, err := probe.ParseMDTM(r)
			if err != nil {
				inUTC(ctx, t, s)
			}
			// The file is new: of two times the one that is nearer to now is right.
			if err != nil || at.Truncate(time.Second).Equal(modified.Truncate(time.Second)) || time.Since(at).Abs() > time.Since(modified).Abs() {
				return
			}
			t.Sleep(ctx, 1100*time.Millisecond) // longer than the unit of the time
			if again, err := probe.ParseMDTM(t.Do(ctx, s, "MDTM "+file.Path)); err != nil || !again.Equal(at) {
				t.Note("MDTM does not say the same twice")
				return
			}
			t.Warn("the time that MDTM tells, "+r.String(), probe.Printable(e.String()))
		}
	},
}

// inUTC expects of a server that has no MDTM that a file which has just been stored
// is not hours old or hours ahead, as in another time zone. Other differences may be
// the clocks'.
func inUTC(ctx context.Context, t *spec.T, s *probe.Session) {
	const quarter, tolerance = 15 * time.Minute, 5 * time.Minute
	path := t.Room(ctx) + "/now.txt"
	store(ctx, t, s, path, []byte("stored just now\n"))
	now := time.Now()
	e := look(ctx, t, s, path)
	modified, err := e.Modified()
	if err != nil {
		return
	}
	off := modified.Sub(now)
	if zone := off.Round(quarter); zone != 0 && zone.Abs() <= 14*time.Hour && (off-zone).Abs() < tolerance {
		t.Fail("a time in UTC, where it is "+now.UTC().Format(time.DateTime), probe.Printable(e.String())+", which is off by "+zone.String())
	}
}

// The unique fact tells that two names are one file.
var unique = spec.Requirement{
	ID:       "MLS-012",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "The unique fact is the same for the same object, another for another, and lasts as long as the session",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5.2", "The value of this fact should be the same for any number of pathnames that refer to the same underlying file."),
		spec.RFC(3659, "7.5.2", "The fact should have different values for names that reference distinct files."),
		spec.RFC(3659, "7.5.2", "The mapping between files, and unique fact tokens should be maintained, and remain consistent, for at least the lifetime of the control connection from user-PI to server-PI."),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "Clients that use it to recognise links copy files twice, or leave files out that they take for one.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		first, second := entries(mlsd(ctx, t, s, dir.Path)), entries(mlsd(ctx, t, s, dir.Path))
		seen := map[string]string{} // token → name
		for _, name := range dir.Names {
			e, ok := find(first, name)
			if !ok {
				continue
			}
			token, ok := e.Fact("unique")
			if !ok {
				continue
			}
			if other, taken := seen[token]; taken {
				t.Fail("different values for different files", fmt.Sprintf("unique=%s for %s and %s", probe.Printable(token), other, name))
			}
			seen[token] = name
			again, _ := find(second, name)
			for _, e := range []probe.Entry{again, look(ctx, t, s, dir.Path+"/"+name)} {
				if other, ok := e.Fact("unique"); ok && other != token {
					t.Fail(fmt.Sprintf("unique=%s of %s by a second MLSD and by MLST, too", probe.Printable(token), name), "unique="+probe.Printable(other))
				}
			}
		}
		if len(seen) == 0 {
			t.Skip("there is no unique fact")
		}
	},
}

// five are the facts that every server should have (RFC 3659 §7.5.10).
var five = []string{"type", "perm", "size", "unique", "modify"}

// standard are the names that RFC 3659 §7.5 has.
var standard = []string{"size", "modify", "create", "type", "unique", "perm", "lang", "media-type", "charset"}

var supported = spec.Requirement{
	ID:       "MLS-013",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "The facts type, perm, size, unique and modify are supported",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5.10", "However, servers SHOULD, if conceivably possible, support at least the type, perm, size, unique, and modify facts."),
	},
	Needs:    spec.Login | spec.Feat,
	Features: features,
	Field:    "Clients have no column for what is missing, and need more commands for each file to find it out.",
	Check: func(ctx context.Context, t *spec.T) {
		f, err := t.Login(ctx).Features(ctx)
		names, _ := offered(f)
		if err != nil || names == nil {
			t.Skip("FEAT does not list MLST")
		}
		var lacking []string
		for _, name := range five {
			if !slices.Contains(names, name) {
				lacking = append(lacking, name)
			}
		}
		if lacking != nil {
			t.Warn("the facts "+strings.Join(five, ", "), "FEAT lacks "+strings.Join(lacking, ", "))
		}
	},
}

// offered are the facts in the MLST line of FEAT in lower case, and those of them
// that have a star; nil when there is no such line.
func offered(f probe.Features) (names, starred []string) {
	for _, params := range f.Params("MLST") {
		names, starred = []string{}, []string{}
		for fact := range strings.SplitSeq(strings.ToLower(params), ";") {
			name, star := strings.CutSuffix(strings.TrimSpace(fact), "*")
			if name == "" {
				continue
			}
			names = append(names, name)
			if star {
				starred = append(starred, name)
			}
		}
	}
	return names, starred
}

// Names without a prefix are for later versions of the RFC.
var factNames = spec.Requirement{
	ID:       "MLS-014",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "Facts that are not of the standard have a prefix: that of an operating system, or x.",
	Cites: []spec.Citation{
		spec.RFC(3659, "7.5", `All such keywords MUST begin with the two character sequence "x.".`),
		spec.RFC(3659, "7.6.2", `Local fact names all begin with the sequence "X.".`),
		spec.RFC(3659, "7.2", `factname = "Size" / "Modify" / "Create" / "Type" / "Unique" / "Perm" / "Lang" / "Media-Type" / "CharSet" / os-depend-fact / local-fact`),
	},
	Needs:     spec.Login | spec.Dir,
	Features:  features,
	BlockedBy: []*spec.Requirement{&reply, &form, &listing},
	Field:     "A name that means something else elsewhere is misunderstood by clients that know it.",
	Check: func(ctx context.Context, t *spec.T) {
		dir := t.Fixture(ctx, spec.Dir)
		s := t.Login(ctx)
		names, _ := offered(t.Features(ctx))
		for _, e := range append(entries(mlsd(ctx, t, s, dir.Path)), look(ctx, t, s, dir.Path)) {
			for _, f := range e.Facts {
				names = append(names, strings.ToLower(f.Name))
			}
		}
		for _, name := range names {
			if !slices.Contains(standard, name) && !strings.Contains(name, ".") {
				t.Fail("a standard name, or one with a prefix", "the fact "+probe.Printable(name))
			}
		}
	},
}
