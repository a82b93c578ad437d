package minimum

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// Three absences are excused: ACCT, since RFC 1123 exempts what the system does not
// support and few have accounts; PORT, which RFC 2577 §3 has operators switch off;
// and all commands that write at once, which is an account that may only read.
var commands = spec.Requirement{
	ID:       "MIN-001",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Every command of the minimum implementation of RFC 1123 is implemented",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.2.13", "The following commands and options MUST be supported by every server-FTP and user-FTP, except in cases where the underlying file system or operating system does not allow or support a particular command."),
		spec.RFC(1123, "4.1.2.13", "Commands: USER, PASS, ACCT, PORT, PASV, TYPE, MODE, STRU, RETR, STOR, APPE, RNFR, RNTO, DELE, CWD, CDUP, RMD, MKD, PWD,"),
		spec.RFC(1123, "4.1.2.13", "LIST, NLST, SYST, STAT, HELP, NOOP, QUIT."),
	},
	Needs:   spec.Login,
	Timeout: patience,
	Field:   "Clients take these commands for granted: what is built on a missing one fails, often with a message about something else.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "no cmds_denied with it, and no cmds_allowed without it"},
		{Server: "ProFTPD", Setting: "no <Limit> that denies it"},
		{Server: "IIS", Setting: "nothing in ftpServer/security/commandFiltering that denies it"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		s := t.Login(ctx)
		nowhere := spec.Workplace + random()
		missing := &absence{}
		// A server may have enough of a client after a few refusals.
		say := func(line string) probe.Reply {
			r, err := s.Do(ctx, line)
			if cause := probe.CauseOf(err); r.Code == 421 || cause == probe.Closed || cause == probe.Reset {
				s = t.Login(ctx)
				r = t.Do(ctx, s, line)
			} else {
				t.Expect(err).NotTo(HaveOccurred(), "a reply to %s", line)
			}
			return r
		}
		try := func(line string) { missing.add(line, say(line)) }

		// The arguments do no harm: they name what does not exist, or what exists
		// and is a directory. Only RNTO has to be refused for want of RNFR.
		for _, line := range []string{
			"ACCT x", "TYPE A", "TYPE I", "MODE S", "STRU F", "CWD .", "PWD", "SYST", "STAT", "HELP", "NOOP",
			"RNFR " + nowhere, "DELE " + nowhere, "RMD " + nowhere, "MKD .",
		} {
			try(line)
		}
		rnto := "RNTO " + nowhere
		if r := say(rnto); r.Code != 500 || likeNonsense(r, say(nonsense)) {
			missing.add(rnto, r)
		} else {
			t.Note("RNTO without RNFR is answered %s, in other words than %s", r, nonsense)
		}
		if s.Peer().Addr().Is4() {
			try("PORT " + hostPort(s))
			try("PASV")
		} else {
			t.Note("PORT and PASV are for IPv4 and were not tried")
		}
		for _, line := range []string{"RETR " + nowhere, "STOR .", "APPE .", "LIST " + nowhere, "NLST " + nowhere} {
			r, ok := transfer(ctx, t, s, line)
			if !ok || r.Code == 421 {
				s = t.Login(ctx)
				r, ok = transfer(ctx, t, s, line)
			}
			if !ok {
				t.Note("without a passive data connection RETR, STOR, APPE, LIST and NLST were not tried")
				break
			}
			missing.add(line, r)
		}
		try("CDUP")
		missing.judge(t)
		optional := &absence{}
		for _, line := range []string{"ABOR", "ALLO 1", "REST 0", "SITE HELP", "REIN"} {
			if r, err := s.Do(ctx, line); err == nil {
				optional.add(line, r)
			}
		}
		if len(optional.verbs) > 0 {
			t.Note("of the commands that RFC 1123 leaves to the server these are not implemented: %s", strings.Join(optional.verbs, ", "))
		}
	},
}

// nonsense is a verb that no server knows.
const nonsense = "XYZZ"

// likeNonsense tells whether the reply to RNTO is the one to nonsense, the verb apart.
func likeNonsense(r, unknown probe.Reply) bool {
	without := func(r probe.Reply, verb string) string {
		return strings.ReplaceAll(strings.ToUpper(r.Text()), verb, "")
	}
	return r.Code == unknown.Code && without(r, "RNTO") == without(unknown, nonsense)
}

// patience is for slow servers: the checks have more than thirty commands each.
const patience = 5 * time.Minute

func random() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// hostPort is the client's own end of the control connection as PORT writes it.
// Nobody is asked to connect there.
func hostPort(s *probe.Session) string {
	a, port := s.Local().Addr().Unmap().As4(), s.Local().Port()
	return fmt.Sprintf("%d,%d,%d,%d,%d,%d", a[0], a[1], a[2], a[3], port>>8, port&255)
}

// transfer is the first reply to a transfer command, given on a data connection,
// since some servers answer nothing before there is one. Without passive mode it
// is false.
func transfer(ctx context.Context, t *spec.T, s *probe.Session, line string) (probe.Reply, bool) {
	o, err := s.Passive(ctx)
	if err != nil {
		t.Blame(err)
		return probe.Reply{}, false
	}
	c, err := t.DialData(ctx, s, o)
	if err != nil {
		t.Blame(err)
		return probe.Reply{}, false
	}
	var m spec.Moved
	if strings.HasPrefix(line, "STOR") || strings.HasPrefix(line, "APPE") {
		m = t.GiveOn(ctx, s, c, line, nil)
	} else {
		m = t.TakeOn(ctx, s, c, line)
	}
	r := m.Opening
	if r.IsZero() {
		r = m.Final
	}
	if r.IsZero() {
		t.Blame(m.Err)
		t.Fail("a reply to "+line, m.Err.Error())
	}
	return r, true
}

// absence is what a server does not have.
type absence struct {
	verbs   []string
	replies []string
}

func (a *absence) add(line string, r probe.Reply) {
	if r.Code == 500 || r.Code == 502 {
		verb, _, _ := strings.Cut(line, " ")
		a.verbs = append(a.verbs, verb)
		a.replies = append(a.replies, verb+": "+r.String())
	}
}

// excused tells whether a verb may be missing, and why. Writing is whether a
// command that writes is there.
func excused(verb string, writing bool) string {
	switch verb {
	case "ACCT":
		return "the server may have no accounts"
	case "PORT":
		return "active mode may be switched off"
	case "STOR", "APPE", "RNFR", "RNTO", "DELE", "RMD", "MKD":
		if !writing {
			return "the account may only read"
		}
	}
	return ""
}

const writers = 7

func (a *absence) judge(t *spec.T) {
	missing := 0
	for _, verb := range a.verbs {
		if excused(verb, true) == "" && excused(verb, false) != "" {
			missing++
		}
	}
	var seen []string
	for i, verb := range a.verbs {
		if why := excused(verb, missing < writers); why != "" {
			t.Note("%s is not implemented (%s): %s", verb, a.replies[i], why)
		} else {
			seen = append(seen, a.replies[i])
		}
	}
	if len(seen) > 0 {
		t.Fail("a reply other than 500 and 502 to every command of the minimum", strings.Join(seen, "; "))
	}
}

// The names of the directory commands from before RFC 959; some clients still
// begin with them.
var oldNames = spec.Requirement{
	ID:       "MIN-002",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "XCWD, XCUP, XPWD, XMKD and XRMD do what CWD, CDUP, PWD, MKD and RMD do",
	Cites: []spec.Citation{
		spec.RFC(1123, "4.1.3.1", "All FTP implementations SHOULD recognize both forms of these commands, by simply equating them with extra entries in the command lookup table."),
	},
	Needs:   spec.Login | spec.Write,
	Timeout: patience,
	Field:   "The ftp command of Windows sends XPWD, XMKD and XRMD only: there, pwd, mkdir and rmdir fail.",
	Check: func(ctx context.Context, t *spec.T) {
		room := t.Room(ctx)
		s := t.Login(ctx)
		made, removed := room+"/made", room+"/removed"
		t.Do(ctx, s, "MKD "+made)
		t.Do(ctx, s, "MKD "+removed)
		// last is the answer to the last of some commands, in a session of their own.
		last := func(lines ...string) (r probe.Reply) {
			s := t.Login(ctx)
			defer s.Close()
			for _, line := range lines {
				r = t.Do(ctx, s, line)
			}
			return r
		}
		var seen []string
		compare := func(verb string, new, old probe.Reply) {
			if new.Class() != old.Class() {
				seen = append(seen, fmt.Sprintf("X%s is answered %s, and without the X %s", verb, old, new))
			}
		}
		// Where an old name has led is told by PWD.
		where := func(lines ...string) string {
			return last(append(lines, "PWD")...).Text()
		}
		same := func(verb, new, old string) {
			if new != old {
				seen = append(seen, fmt.Sprintf("%s leads to %q, X%s to %q", verb, probe.Printable(new), verb, probe.Printable(old)))
			}
		}
		compare("PWD", t.Do(ctx, s, "PWD"), t.Do(ctx, s, "XPWD"))
		compare("MKD", t.Do(ctx, s, "MKD "+room+"/new"), t.Do(ctx, s, "XMKD "+room+"/old"))
		compare("RMD", t.Do(ctx, s, "RMD "+room+"/new"), t.Do(ctx, s, "XRMD "+removed))
		compare("CWD", last("CWD "+made), last("XCWD "+made))
		compare("CUP", last("CWD "+made, "CDUP"), last("CWD "+made, "XCUP"))
		if len(seen) == 0 {
			same("CWD", where("CWD "+made), where("XCWD "+made))
			same("CUP", where("CWD "+made, "CDUP"), where("CWD "+made, "XCUP"))
			compare("MKD", last("CWD "+room+"/new"), last("CWD "+removed)) // both are gone again
			compare("MKD", last("CWD "+made), last("CWD "+room+"/old"))
		}
		if len(seen) > 0 {
			t.Fail("replies of the same class to both names of a command", strings.Join(seen, "; "))
		}
	},
}
