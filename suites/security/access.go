package security

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// The tree of a confined account has no outside. What the account may read there is
// its own; a file that is not at /etc/passwd, and is behind enough dots, is not.
var confinement = spec.Requirement{
	ID:       "SEC-007",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "Pathnames do not lead out of the tree of a confined account",
	Needs:    spec.Login | spec.Confined,
	Field:    "Every user reads, and perhaps overwrites, the files of all others and of the system.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "chroot_local_user=YES"},
		{Server: "ProFTPD", Setting: "DefaultRoot ~"},
		{Server: "Pure-FTPd", Setting: "-A (ChrootEveryone yes)"},
		{Server: "IIS", Setting: `mode="IsolateAllDirectories" of ftpServer/userIsolation`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const within = "pathnames that stay within the tree of the account"
		s := t.Login(ctx)
		for _, path := range []string{"../../../../etc/passwd", "/../../etc/passwd", `..\..\..\..\etc\passwd`} {
			m := t.Take(ctx, s, "RETR "+path)
			if m.Err != nil {
				t.Blame(m.Err)
				t.Inconclusive("RETR %s: %v", path, m.Err)
			}
			if len(m.Data) == 0 {
				continue
			}
			if direct := t.Take(ctx, s, "RETR /etc/passwd"); bytes.Equal(direct.Data, m.Data) {
				t.Note("/etc/passwd can be read as such; whether it is that of the tree cannot be seen from here")
				continue
			}
			t.Fail(within, fmt.Sprintf("RETR %s brings %d octets", path, len(m.Data)))
		}
		start := t.Do(ctx, s, "PWD")
		root, err := probe.ParsePath(start)
		if err != nil || root != "/" {
			t.Note("directories are not judged: a session begins in %s", start)
			return
		}
		inside := names(t.Take(ctx, s, "NLST"))
		for _, path := range []string{"../../../../..", `..\..`, "..%2f.."} {
			r := t.Do(ctx, s, "CWD "+path)
			if !r.Positive() {
				continue
			}
			where := t.Do(ctx, s, "PWD")
			for name := range names(t.Take(ctx, s, "NLST")) {
				if inside[name] {
					continue
				}
				// Others may have made it meanwhile.
				t.Do(ctx, s, "CWD /")
				if !names(t.Take(ctx, s, "NLST"))[name] {
					t.Fail(within, fmt.Sprintf("CWD %s leads to %s, where %s is", path, where, probe.Printable(name)))
				}
			}
			t.Do(ctx, s, "CWD /")
		}
	},
}

// names are those of a listing, without their directories.
func names(m spec.Moved) map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(string(m.Data)) {
		name := strings.TrimRight(line, "\r\n")
		if name = name[strings.LastIndexByte(name, '/')+1:]; name != "" && name != "." && name != ".." {
			all[name] = true
		}
	}
	return all
}

// SITE EXEC has opened more machines than any password. SITE CPFR without a login
// was the hole of ProFTPD's mod_copy (CVE-2015-3306).
var siteExec = spec.Requirement{
	ID:       "SEC-010",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "SITE EXEC is not available, and SITE commands that touch files are not before login",
	Cites: []spec.Citation{
		spec.RFC(2577, "9", `An optional FTP extension, "SITE EXEC", allows clients to execute arbitrary commands on the server.`),
	},
	Needs: spec.Login,
	Field: "Anybody with an account, or without one, runs commands on the server or copies its files.",
	Check: func(ctx context.Context, t *spec.T) {
		judge := func(r probe.Reply, expected string) {
			switch r.Code {
			case 202, 211, 214: // not implemented (RFC 959 §4.2.2), or a text about it
				t.Note("%s: %s", expected, r)
				return
			}
			if !r.Negative() {
				t.Fail(expected, r.String())
			}
		}
		judge(t.Do(ctx, t.Login(ctx), "SITE EXEC id"), "SITE EXEC to be refused")
		for _, command := range []string{"CPFR /etc/passwd", "EXEC id", "CHMOD 644 pasv-no-such-file"} {
			verb, _, _ := strings.Cut(command, " ")
			judge(t.Do(ctx, t.Dial(ctx), "SITE "+command), "SITE "+verb+" before login to be refused")
		}
	},
}

// Patterns that match in more ways than there are atoms, and what printf makes of
// names.
var hostile = spec.Requirement{
	ID:       "SEC-011",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "Hostile patterns and format strings in arguments do no harm",
	Needs:    spec.Login | spec.Dir | spec.Intrusive,
	Timeout:  5 * time.Minute,
	Field:    "One line brings a server to its knees, or down.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.Dir)
		begin := func() *probe.Session {
			s := t.Login(ctx)
			if r := t.Do(ctx, s, "CWD "+f.Path); !r.Positive() {
				t.Skip("CWD is answered %s", r)
			}
			return s
		}
		s := begin()
		long := strings.Repeat("*", 4096)
		for _, line := range []string{
			"CWD %n%n%s%s", "NLST %n%n%s%s", "LIST */../*/../*/../*", "NLST " + strings.Repeat("{a,b}", 40), "LIST " + long, "CWD " + long,
		} {
			var m spec.Moved
			if strings.HasPrefix(line, "CWD") {
				m.Final, m.Err = s.Do(ctx, line)
			} else {
				m = t.Take(ctx, s, line)
			}
			if m.Err != nil {
				t.Blame(m.Err)
				t.Fail("a final reply to "+shortened(line), m.Err.Error())
			}
			ping, code := t.Ping(ctx)
			r, err := s.Do(ctx, ping)
			if err == nil && r.Negative() && len(line) > len(long) {
				// Some answer the rest of a line that is too long, too.
				t.Note("%s is answered %s, and %s", shortened(line), m.Final, r)
				r, err = s.Receive(ctx)
			}
			switch cause := probe.CauseOf(err); {
			case err == nil && r.Positive():
			case len(line) > len(long) && m.Final.Negative() && (cause == probe.Closed || cause == probe.Reset):
				t.Note("%s is answered %s, and the session ends: the line is too long", shortened(line), m.Final)
				s = begin()
			case err != nil:
				t.Blame(err)
				t.Fail(fmt.Sprintf("%d to %s after %s", code, ping, shortened(line)), err.Error())
			default:
				t.Fail(fmt.Sprintf("%d to %s after %s", code, ping, shortened(line)), r.String())
			}
		}
		t.Login(ctx)
	},
}

func shortened(line string) string {
	if len(line) > 40 {
		return line[:40] + "…"
	}
	return line
}

// Sessions are threads, or coroutines, or one loop: what belongs to one must not be a
// variable of all.
var isolation = spec.Requirement{
	ID:        "SEC-013",
	Level:     report.Practice,
	Severity:  report.Critical,
	Title:     "The state of one session does not show in another one of the same account",
	Needs:     spec.Login | spec.Write,
	BlockedBy: transfer.Uploads,
	Alone:     true, // the state of every other session could be the one that shows
	Field:     "Clients with several connections (nearly all) find themselves in the wrong directory, get files cut or in another form, or rename what another one was about to.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		content := spec.Binary(5000)
		b := t.Login(ctx)
		start := t.Do(ctx, b, "PWD")
		path := room + "/file"
		if m := t.Give(ctx, b, "STOR "+path, content); m.Err != nil || !m.Final.Positive() {
			t.Skip("missing: file (STOR is answered %s)", m.Final)
		}
		machine := t.Has(ctx, "MLST")
		before := probe.Reply{}
		if machine {
			before = t.Do(ctx, b, "MLST "+path)
		}

		fetch := func(s *probe.Session) bool {
			m := t.Take(ctx, s, "RETR "+path)
			return m.DataErr == nil && m.Final.Positive()
		}
		if !fetch(b) {
			t.Skip("missing: file (RETR is answered %s)", b.Last())
		}
		a, c := t.Login(ctx), t.Login(ctx)
		for _, line := range []string{"CWD " + room, "TYPE A", "OPTS MLST size;", "REST 100"} {
			t.Do(ctx, a, line)
		}
		renaming := t.Do(ctx, c, "RNFR "+path).Class() == 3

		// The second one begins, and sets its own type, only when the first one was
		// looked at.
		early := func() *probe.Session { return b }
		late := func() *probe.Session { return t.Login(ctx) }
		for _, session := range []func() *probe.Session{early, late} {
			s := session()
			if r := t.Do(ctx, s, "PWD"); r.Code == 257 && start.Code == 257 && directory(r) != directory(start) {
				t.Fail("the start directory, "+start.String(), r.String()+", where another session is")
			}
			if machine && before.Positive() {
				if r := t.Do(ctx, s, "MLST "+path); r.Positive() && facts(r) != facts(before) {
					t.Fail("the facts "+facts(before), facts(r)+", after OPTS MLST in another session")
				}
			}
			if renaming {
				if r := t.Do(ctx, s, "RNTO "+room+"/other"); !r.Negative() {
					t.Fail("RNTO to be refused, reply code 503", r.String()+", after RNFR in another session")
				}
			}
			m := t.Take(ctx, s, "RETR "+path)
			if !m.Final.Positive() || m.DataErr != nil {
				// Is it because of where the other session is?
				t.Do(ctx, a, "CWD "+directory(start))
				if m.Err == nil && m.DataErr == nil && fetch(s) {
					t.Fail("a file to be found while another session is in its directory", m.Final.String())
				}
				t.Inconclusive("RETR is answered %s", m.Final)
			}
			t.ExpectContent(m.Data, content, "a file, after TYPE A and REST in another session")
		}
	},
}

// directory is what a 257 names.
func directory(r probe.Reply) string {
	if path, err := probe.ParsePath(r); err == nil {
		return path
	}
	return r.Text()
}

// facts are the names of the facts in the answer to MLST.
func facts(r probe.Reply) string {
	entry := ""
	for _, line := range r.Lines() {
		if strings.HasPrefix(line, " ") {
			entry, _, _ = strings.Cut(strings.TrimPrefix(line, " "), " ")
		}
	}
	var all []string
	for fact := range strings.SplitSeq(entry, ";") {
		name, _, ok := strings.Cut(fact, "=")
		if ok {
			all = append(all, strings.ToLower(name))
		}
	}
	return strings.Join(all, ";")
}
