package restart

import (
	"bytes"
	"context"
	"fmt"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// A client puts what comes behind what it has. One octet too many or too few,
// and the file is broken, without anybody noticing.
var resumed = spec.Requirement{
	ID:       "REST-002",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "RETR after REST n delivers the file from octet n on",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "The numeric value gives the number of octets of the immediately- following transfer to not actually send, effectively causing the transmission to be restarted at a later point."),
	},
	Needs:     spec.Login | spec.File,
	Features:  []string{"REST STREAM"},
	BlockedBy: []*spec.Requirement{&accepted},
	Field:     "Resumed downloads are corrupt: every client that resumes (curl, wget, lftp, FileZilla, browsers of old) joins parts that do not fit, and reports success.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "AllowRetrieveRestart on"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		sound(ctx, t, s, f)
		for _, offset := range []int64{100, 1, 1 << 16, f.Size - 1} {
			m := resume(ctx, t, s, f, offset)
			t.ExpectComplete(m)
			t.ExpectContent(m.Data, f.Content[offset:], fmt.Sprintf("RETR after REST %d", offset))
		}
	},
}

// An offset that stays would cut the beginning off every file that follows.
var onceOnly = spec.Requirement{
	ID:       "REST-003",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "REST is good for one download, and REST 0 takes it back",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "The numeric value gives the number of octets of the immediately- following transfer to not actually send"),
		spec.RFC(3659, "5.3", "A value of zero effectively disables restart, causing the entire file to be transmitted."),
	},
	Needs:     spec.Login | spec.File,
	Features:  []string{"REST STREAM"},
	BlockedBy: []*spec.Requirement{&resumed},
	Field:     "After one resumed file all others in the session lack their beginning: mirrors are silently destroyed.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		t.ExpectComplete(resume(ctx, t, s, f, 100))
		t.ExpectContent(t.Download(ctx, s, "RETR "+f.Path), f.Content, "the RETR after a restarted one")

		c := t.Open(ctx, s)
		defer c.Close()
		t.ExpectCode(t.Do(ctx, s, "REST 100"), 350)
		t.ExpectCode(t.Do(ctx, s, "REST 0"), 350)
		m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, f.Content, "RETR after REST 100 and REST 0")

		// What was refused was the transfer that the offset was for.
		if m = t.Take(ctx, s, "RETR "+f.Path+".none"); m.Err != nil || !m.Final.Negative() {
			return // that has a requirement of its own
		}
		c = t.Open(ctx, s)
		defer c.Close()
		t.ExpectCode(t.Do(ctx, s, "REST 100"), 350)
		if m = t.TakeOn(ctx, s, c, "RETR "+f.Path+".none"); m.Err != nil {
			return
		}
		m = t.Take(ctx, s, "RETR "+f.Path)
		if m.Err == nil && m.Final.Positive() && bytes.Equal(m.Data, f.Content[100:]) {
			t.Warn("the whole file after REST 100 and a RETR that was refused", "what comes from octet 100 on")
		}
	},
}

// The file may have become shorter since the part was fetched. An empty transfer
// that is complete tells the client that it has everything.
var beyondEnd = spec.Requirement{
	ID:       "REST-005",
	Level:    report.Should,
	Severity: report.Minor,
	Title:    "An offset beyond the end of the file is taken by REST and refused by the transfer",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "Any other errors, including such problems as restart marker out of range, should be reported when the following transfer command is issued. Such errors will cause that transfer request to be rejected with an error indicating the invalid restart attempt."),
		spec.RFC(1123, "4.1.3.4", "A 554 reply may result from a FTP service command that follows a REST command. The reply indicates that the existing file at the Server-FTP cannot be repositioned as specified in the REST."),
	},
	Needs:     spec.Login | spec.File,
	Features:  []string{"REST STREAM"},
	BlockedBy: []*spec.Requirement{&resumed},
	Field:     "A client that resumes a file which has become shorter keeps its outdated copy and takes it for complete.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		m := resume(ctx, t, s, f, 1_000_000_000)
		const expected = "reply code 554 to RETR"
		t.Expect(m.Err).NotTo(HaveOccurred(), "RETR with an offset beyond the end")
		switch {
		case len(m.Data) > 0:
			t.Fail(expected, fmt.Sprintf("%d octets of data, %s", len(m.Data), m.Final))
		case m.Final.Code == 554:
		case m.Final.Negative():
			t.Tolerate(expected, m.Final.String())
		default:
			t.Warn(expected, "an empty transfer and "+m.Final.String())
		}
	},
}

// RFC 3659 §5.1 counts what goes over the data connection. A server that counts
// what it has stored is wrong by one octet for every line before the offset.
var inASCII = spec.Requirement{
	ID:       "REST-008",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "In TYPE A the offset counts octets as they are transferred, or the restart is refused",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.1", "However, there is not really a need to have explicit restart markers in this case, as restart markers can be implied by the octet offset into the data stream."),
		spec.RFC(3659, "5.1", "Thus, an offset will always represent the same position within a file."),
	},
	Needs:    spec.Login | spec.TextFile,
	Features: []string{"REST STREAM"},
	Field:    "Resumed text files have lines twice, or lack some.",
	Check: func(ctx context.Context, t *spec.T) {
		const at = 1000
		f := t.Fixture(ctx, spec.TextFile)
		s := t.Login(ctx)
		sound(ctx, t, s, f)
		if r := t.Do(ctx, s, "TYPE A"); !r.Positive() {
			t.Skip("TYPE A is answered %s", r)
		}
		// What the stream is, the server itself shows.
		stream := fetch(ctx, t, s, "RETR "+f.Path)
		crlf, lf := bytes.Count(stream, []byte("\r\n")), bytes.Count(stream, []byte("\n"))
		switch {
		case crlf > 0 && crlf < lf:
			t.Skip("the line ends are not all the same without REST, either")
		case len(stream) <= at:
			t.Skip("the file has only %d octets in TYPE A", len(stream))
		case bytes.Equal(stream, f.Content):
			t.Note("text is sent as it is stored, so that both ways to count are the same")
		}
		c := t.Open(ctx, s)
		defer c.Close()
		r := t.Do(ctx, s, fmt.Sprintf("REST %d", at))
		if r.Negative() {
			return
		}
		t.ExpectCode(r, 350)
		m := t.TakeOn(ctx, s, c, "RETR "+f.Path)
		if m.Err == nil && m.Final.Negative() && len(m.Data) == 0 {
			return
		}
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, stream[at:], fmt.Sprintf("RETR in TYPE A after REST %d", at))
	},
}

// A client that had everything but the final reply resumes at the very end.
var atTheEnd = spec.Requirement{
	ID:       "REST-010",
	Level:    report.Practice,
	Severity: report.Minor,
	Title:    "An offset that is the size of the file brings an empty download, not an error",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "The numeric value gives the number of octets of the immediately- following transfer to not actually send"),
	},
	Needs:     spec.Login | spec.File,
	Features:  []string{"REST STREAM"},
	BlockedBy: []*spec.Requirement{&resumed},
	Field:     "A client that lost the connection after the last octet gets an error each time it resumes, though its file is complete; scripts with \"wget -c\" or \"curl -C -\" never end.",
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.File)
		s := t.Login(ctx)
		m := resume(ctx, t, s, f, f.Size)
		t.ExpectComplete(m)
		t.ExpectContent(m.Data, nil, "RETR after REST with the size of the file")
	},
}

// resume is a download from an offset on.
func resume(ctx context.Context, t *spec.T, s *probe.Session, f spec.Fixture, offset int64) spec.Moved {
	c := t.Open(ctx, s)
	defer c.Close()
	t.ExpectCode(t.Do(ctx, s, fmt.Sprintf("REST %d", offset)), 350)
	return t.TakeOn(ctx, s, c, "RETR "+f.Path)
}

// fetch is a download that others are compared with. Without it the check is skipped.
func fetch(ctx context.Context, t *spec.T, s *probe.Session, line string) []byte {
	m := t.Take(ctx, s, line)
	t.Blame(m.Err)
	t.Blame(m.DataErr)
	if m.Err != nil || m.DataErr != nil || m.Opening.IsZero() || !m.Final.Positive() {
		t.Skip("nothing to compare with: a transfer without REST is not complete (%s)", m.Final)
	}
	return m.Data
}

// sound skips the check when the download of a file is wrong without REST, too.
func sound(ctx context.Context, t *spec.T, s *probe.Session, f spec.Fixture) {
	if !bytes.Equal(fetch(ctx, t, s, "RETR "+f.Path), f.Content) {
		t.Skip("the file does not come as it is without REST, either")
	}
}
