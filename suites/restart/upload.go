package restart

import (
	"bytes"
	"context"
	"fmt"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// half is where uploads are continued, in octets.
const half = 30_000

// The server has to join the parts this time. Another offset than the current
// size is undefined (RFC 3659 §5.3), and not tried.
var continued = spec.Requirement{
	ID:       "REST-004",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "STOR after REST n, n being the size that the file has, continues the file",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "indicating that the REST parameter has been saved, and that another command, which should be either RETR or STOR, should then follow to complete the restart"),
		spec.RFC(3659, "5.3", "octets from the data connection are placed into the file at the location indicated by the restart marker value"),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"REST STREAM"},
	BlockedBy: []*spec.Requirement{&accepted},
	Field:     "Resumed uploads leave half a file, or one with a hole, and are reported as complete.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "AllowStoreRestart on (and AllowOverwrite on)"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		path, s := t.Room(ctx)+"/upload.bin", t.Login(ctx)
		content := spec.Binary(2 * half)
		extend(ctx, t, s, path, content)
		t.ExpectContent(t.Download(ctx, s, "RETR "+path), content, "the file after STOR, REST and STOR")
	},
}

// The same as for downloads, and worse: here the server's copy is destroyed.
var uploadOnce = spec.Requirement{
	ID:       "REST-009",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "REST is good for one upload: the STOR after a restarted one replaces the whole file",
	Cites: []spec.Citation{
		spec.RFC(3659, "5.3", "The REST command must be the last command issued before the data transfer command that is to cause a restarted, rather than a complete, file transfer."),
	},
	Needs:     spec.Login | spec.Write,
	Features:  []string{"REST STREAM"},
	BlockedBy: []*spec.Requirement{&continued},
	Field:     "After one resumed upload the files that follow in the session are stored behind the beginning of their predecessors, or with a hole in front.",
	Check: func(ctx context.Context, t *spec.T) {
		path, s := t.Room(ctx)+"/upload.bin", t.Login(ctx)
		extend(ctx, t, s, path, spec.Binary(2*half))
		content := bytes.Repeat([]byte("another file\n"), 5000)
		m := t.Give(ctx, s, "STOR "+path, content)
		if m.Err == nil && m.Final.Negative() {
			t.Skip("the account may not overwrite: %s", m.Final)
		}
		t.ExpectComplete(m)
		t.ExpectContent(t.Download(ctx, s, "RETR "+path), content, "the file after a STOR without REST that followed one with it")
	},
}

// extend stores content in two parts, the second one by REST and STOR. A server
// that stores no files, or allows no restarted uploads, ends the check: the
// latter is a matter of configuration in ProFTPD, and impossible above some
// object stores.
func extend(ctx context.Context, t *spec.T, s *probe.Session, path string, content []byte) {
	m := t.Give(ctx, s, "STOR "+path, content[:half])
	t.Blame(m.Err)
	if m.Err != nil || m.DataErr != nil || m.Opening.IsZero() || !m.Final.Positive() {
		t.Skip("nothing to continue: STOR without REST is not complete (%s)", m.Final)
	}
	if !bytes.Equal(fetch(ctx, t, s, "RETR "+path), content[:half]) {
		t.Skip("a file does not come back as it was stored without REST, either")
	}
	c := t.Open(ctx, s)
	defer c.Close()
	t.ExpectCode(t.Do(ctx, s, fmt.Sprintf("REST %d", half)), 350)
	m = t.GiveOn(ctx, s, c, "STOR "+path, content[half:])
	if m.Err == nil && m.Final.Negative() {
		t.Skip("restarted uploads are not allowed: %s", m.Final)
	}
	t.ExpectComplete(m)
}
