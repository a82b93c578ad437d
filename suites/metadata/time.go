package metadata

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// timeReply is the only form of a positive answer to MDTM.
var timeReply = regexp.MustCompile(`^213 [1-9][0-9]{3}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9]|60)(\.[0-9]+)?$`)

// Programs read this reply, and have always read it by the position of the digits.
var timeForm = spec.Requirement{
	ID:       "META-001",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "MDTM of a file is answered with 213 and a time of fourteen digits, on one line, and nothing else",
	Cites: []spec.Citation{
		spec.RFC(3659, "3.1", "Note that when the 213 response is issued, that is, when there is no error, the format MUST be exactly as specified. Multi-line responses are not permitted."),
		spec.RFC(3659, "3.1", `mdtm-response = "213" SP time-val CRLF / error-response`),
		spec.RFC(3659, "2.3", `time-val = 14DIGIT [ "." 1*DIGIT ]`),
	},
	Needs:    spec.Login | spec.File,
	Features: []string{"MDTM"},
	Field:    "Mirrors take every file for new or for unchanged; some clients end with an error in the middle of a listing.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		r := t.Do(ctx, s, "MDTM "+f.Path)
		if r.Negative() {
			t.Skip("the time is refused, as RFC 3659 §3.1 allows: %s", r)
		}
		if r.Multiline() || !timeReply.MatchString(r.Lines()[0]) {
			t.Fail("213 YYYYMMDDHHMMSS, a fraction perhaps, on a single line", r.String())
		}
		// By its name alone it is the same file, where it is.
		dir, name := path.Split(f.Path)
		if r := t.Do(ctx, s, "CWD "+path.Clean(dir)); !r.Positive() {
			return
		}
		here := t.Do(ctx, s, "MDTM "+name)
		if !here.Negative() {
			return
		}
		if m := t.Take(ctx, s, "RETR "+name); m.Err == nil && m.Final.Positive() {
			t.Fail("213 for "+name+" in the current directory, as by its path", here.String())
		}
	},
}

// The client cannot know the server's time zone. Its clock need not be right,
// either, so only what looks like a zone is held against the server.
var universal = spec.Requirement{
	ID:       "META-002",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The time of MDTM is in UTC",
	Cites: []spec.Citation{
		spec.RFC(3659, "2.3", "Time values are always represented in UTC (GMT), and in the Gregorian calendar regardless of what calendar may have been in use at the date and time indicated at the location of the server-PI."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"MDTM"},
	BlockedBy: []*spec.Requirement{&timeForm},
	Field:     "Mirrors fetch everything anew, or miss what has changed within some hours; after the change to summer time all files are an hour off.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "use_localtime=NO"},
		{Server: "ProFTPD", Setting: "TimesGMT on"},
		{Server: "pyftpdlib", Setting: "handler.use_gmt_times = True"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		path, s := t.Room(ctx)+"/now.txt", t.Login(ctx)
		put(ctx, t, s, path, "stored just now\n")
		now := time.Now()
		r, said := modified(ctx, t, s, path)
		off := said.Sub(now)
		zone := off.Round(quarter)
		switch {
		case off.Abs() < tolerance:
		case zone != 0 && zone.Abs() <= 14*time.Hour && (off-zone).Abs() < tolerance:
			t.Fail("a time in UTC, where it is "+now.UTC().Format(time.DateTime), fmt.Sprintf("%s, which is off by %s", r, zone))
		case misread(said, now.UTC()):
			t.Warn("a time in UTC, where it is "+now.UTC().Format(time.DateTime), r.String()+", in which the month is not the month")
		default:
			t.Inconclusive("a file that was stored at %s UTC by this machine's clock has the time %s: one of the two clocks is wrong",
				now.UTC().Format(time.DateTime), said.Format(time.DateTime))
		}
	},
}

// misread tells a time that is right but for its month: one that counts from zero,
// or that has changed places with the day.
func misread(said, now time.Time) bool {
	_, month, day := said.Date()
	shifted := time.Date(now.Year(), now.Month(), day, said.Hour(), said.Minute(), said.Second(), 0, time.UTC)
	apart := int(month-now.Month()+12) % 12
	swapped := time.Date(said.Year(), time.Month(day), int(month), said.Hour(), said.Minute(), said.Second(), 0, time.UTC)
	return (apart == 1 || apart == 11) && shifted.Sub(now).Abs() < tolerance || swapped.Sub(now).Abs() < tolerance
}

const (
	// tolerance is how far apart the clocks of server and client may be.
	tolerance = 5 * time.Minute
	// quarter is the unit of time zones.
	quarter = 15 * time.Minute
)

// Old servers take fourteen digits and a space for a time to set, which was the
// custom before RFC 3659. Where they look for a file of the whole name first, that
// hurts nobody who does not know of it.
var onePathname = spec.Requirement{
	ID:       "META-004",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "The argument of MDTM is one pathname, also when it begins with fourteen digits and a space",
	Cites: []spec.Citation{
		spec.RFC(3659, "3.1", `mdtm = "MdTm" SP pathname CRLF`),
		spec.RFC(3659, "3.4", `There is no file named "19990929043300 file6".`),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"MDTM"},
	BlockedBy: []*spec.Requirement{&timeForm},
	Field:     "Files whose names begin with a date and a time have no time, and asking for it changes another file's.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "mdtm_write=NO"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const digits = "19990929043300"
		const long = digits + " x"
		room, s := t.Room(ctx), t.Login(ctx)
		if r := t.Do(ctx, s, "CWD "+room); !r.Positive() {
			t.Skip("CWD is answered %s", r)
		}
		put(ctx, t, s, "x", "the file with the short name\n")
		put(ctx, t, s, long, "the file with the long name\n")
		// Set as UTC or as local time.
		stamp, _ := probe.ParseTime(digits)
		touched := func() bool { _, now := modified(ctx, t, s, "x"); return now.Sub(stamp).Abs() < 24*time.Hour }
		const expected = "213 and the time of the file " + long

		r := t.Do(ctx, s, "MDTM "+long)
		switch said, err := probe.ParseMDTM(r); {
		case touched():
			t.Fail(expected, "the time of the file x is set to that: "+r.String())
		case err == nil && said.Equal(stamp):
			t.Fail(expected, "the time that the name begins with: "+r.String())
		case err == nil:
		case r.Negative():
			if m := t.Take(ctx, s, "RETR "+long); m.Err != nil || !m.Final.Positive() {
				t.Skip("a file of the name %q cannot be fetched, either: %s", long, m.Final)
			}
			t.Fail(expected, r.String())
		default:
			t.Fail(expected, r.String())
		}

		if r := t.Do(ctx, s, "DELE "+long); !r.Positive() {
			return
		}
		r = t.Do(ctx, s, "MDTM "+long)
		if touched() {
			t.Warn("550, since there is no file "+long, "the time of the file x is set to that: "+r.String())
		}
		if m := t.Take(ctx, s, "RETR "+long); m.Err == nil && m.Final.Positive() {
			return // it is still there, which is for DELE to answer for
		}
		t.ExpectRefusal(r, 550)
	},
}

// A time that is made up when it is asked for serves nobody. Servers in front of
// object stores and databases do that.
var steady = spec.Requirement{
	ID:       "META-008",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "The time of a file that is not changed stays the same, also when it is read",
	Cites: []spec.Citation{
		spec.RFC(3659, "3.1", "The server-PI will respond to the MDTM command with a 213 reply giving the last modification time of the file whose pathname was supplied"),
	},
	Needs:     spec.Login | spec.File,
	Features:  []string{"MDTM"},
	BlockedBy: []*spec.Requirement{&timeForm},
	Takes:     4 * time.Second,
	Field:     "Mirrors fetch everything anew every time, and no download is ever resumed, because the file seems to have changed.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		// A file system may settle the time of a file some moments after it was
		// written, so it has to change twice.
		seen := []probe.Reply{}
		for range 3 {
			if len(seen) > 0 {
				need(t, t.Take(ctx, s, "RETR "+f.Path))
				t.Sleep(ctx, 2*time.Second)
			}
			r, _ := modified(ctx, t, s, f.Path)
			seen = append(seen, r)
		}
		switch first, second, third := seen[0].Text(), seen[1].Text(), seen[2].Text(); {
		case first != second && second != third:
			t.Fail("the same time three times", fmt.Sprintf("%s, then %s, then %s", seen[0], seen[1], seen[2]))
		case first != third:
			t.Note("the time changed once: %s, then %s, then %s", seen[0], seen[1], seen[2])
		}
	},
}

// modified asks for the time of a file. Without an answer that can be read the
// check is skipped.
func modified(ctx context.Context, t *spec.T, s *probe.Session, path string) (probe.Reply, time.Time) {
	r := t.Do(ctx, s, "MDTM "+path)
	at, err := probe.ParseMDTM(r)
	if err != nil {
		t.Skip("no time to compare: %s", r)
	}
	return r, at
}

// put stores a small file to ask about.
func put(ctx context.Context, t *spec.T, s *probe.Session, path, content string) {
	need(t, t.Give(ctx, s, "STOR "+path, []byte(content)))
}

// need skips the check when a transfer is not complete.
func need(t *spec.T, m spec.Moved) {
	t.Blame(m.Err)
	t.Blame(m.DataErr)
	if m.Err != nil || m.DataErr != nil || m.Opening.IsZero() || !m.Final.Positive() {
		t.Skip("%s is not complete, which has requirements of its own: %s", probe.Printable(m.Command), m.Final)
	}
}
