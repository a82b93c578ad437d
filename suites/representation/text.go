package representation

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/transfer"
)

// Clients that want text need not say so.
var defaultType = spec.Requirement{
	ID:       "REP-001",
	Level:    report.Must,
	Severity: report.Minor,
	Title:    "After the login the type is ASCII, until the client sets another",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.2", "The default representation type is ASCII Non-print."),
		spec.RFC(959, "5.1", "All hosts must accept the above as the standard defaults."),
	},
	Needs: spec.Login | spec.TextFile,
	Field: "Clients that rely on the default, command-line clients of other systems above all, get text whose lines run together.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "DefaultTransferMode ascii"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.TextFile)
		s := fresh(ctx, t)
		byDefault := fetch(ctx, t, s, "RETR "+f.Path)
		if e := lineEnds(byDefault); e.lf == 0 && e.crlf > 0 {
			return
		}
		set(ctx, t, s, "TYPE A")
		explicit := fetch(ctx, t, s, "RETR "+f.Path)
		if bytes.Equal(byDefault, explicit) {
			t.Note("text is sent in the same way as after TYPE A, which REP-005 judges")
			return
		}
		t.Fail("text as after TYPE A: "+lineEnds(explicit).String(), lineEnds(byDefault).String())
	},
}

// Of a server that sends all line ends as they are stored, it cannot be said that
// it converts wrongly: it does not convert.
var textDownload = spec.Requirement{
	ID:       "REP-005",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Text that is fetched in TYPE A has CR LF at the end of every line",
	Cites: []spec.Citation{
		spec.RFC(959, "3.1.1.1", "In accordance with the NVT standard, the <CRLF> sequence should be used where necessary to denote the end of a line of text."),
		spec.RFC(959, "3.4", "the sending host will translate its internal end of line or end of record denotation into the representation prescribed by the transfer mode and file structure"),
	},
	Needs: spec.Login | spec.TextFile,
	Field: "Scripts and data files arrive on Windows and on mainframes with lines that run together.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "ascii_download_enable=YES"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		f := t.Fixture(ctx, spec.TextFile)
		s := t.Login(ctx)
		set(ctx, t, s, "TYPE A")
		text := fetch(ctx, t, s, "RETR "+f.Path)
		switch e := lineEnds(text); {
		case e.crlf == 0 && e.lf > 0:
			t.Skip("the server sends text as it is stored: the conversion of TYPE A is switched off")
		case e.crlf == 0:
			t.Inconclusive("the text came without any line end")
		case e.lf > 0:
			t.Fail("CR LF at every end of a line", e.String())
		case e.cr > 0:
			t.Note("there is a CR where no line ends: %s", e)
		}
		// Nothing but the line ends may be another. A host with records ends the last line, too.
		want := bytes.ReplaceAll(f.Content, []byte("\n"), []byte("\r\n"))
		if bytes.Equal(text, want) || bytes.Equal(text, append(bytes.Clone(want), "\r\n"...)) || bytes.Contains(text, []byte("\r\r\n")) {
			return
		}
		set(ctx, t, s, "TYPE I")
		if !bytes.Equal(fetch(ctx, t, s, "RETR "+f.Path), f.Content) {
			t.Skip("the file does not come as it is in TYPE I either")
		}
		t.ExpectContent(text, want, "text in TYPE A, but for its line ends")
	},
}

// What a Unix host stores must be text to it, too. A host that ends its lines
// with CR LF, or does not convert, keeps all of them; what none can do is to
// keep some.
var textUpload = spec.Requirement{
	ID:       "REP-006",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Text that is stored in TYPE A gets the line ends of the host, the same for all lines",
	Cites: []spec.Citation{
		spec.RFC(959, "3.1.1.1", "The receiver will convert the data from the standard form to his own internal form."),
		spec.RFC(959, "3.4", "the receiving host will perform the inverse translation to its internal denotation"),
	},
	Needs: spec.Login | spec.Write,
	Field: "Scripts that were uploaded as text do not start (\"bad interpreter: ^M\"), and configuration files have invisible characters.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "ascii_upload_enable=YES"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		path, s := t.Room(ctx)+"/text.txt", t.Login(ctx)
		set(ctx, t, s, "TYPE A")
		put(ctx, t, s, path, lines())
		set(ctx, t, s, "TYPE I")
		e := lineEnds(fetch(ctx, t, s, "RETR "+path))
		switch kinds := e.kinds(); {
		case kinds == 0:
			t.Inconclusive("the text is stored without any line end, as in records")
		case kinds > 1:
			t.Fail("line ends of one kind", e.String())
		case e.lf == 0:
			t.Note("CR LF in TYPE A is stored as it is, or as the line end of the host: %s", e)
		}
	},
}

// The two conversions have to be inverse to each other, whatever is stored.
var roundTrip = spec.Requirement{
	ID:       "REP-007",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "What is stored and fetched with the same type comes back identical",
	Cites: []spec.Citation{
		spec.RFC(959, "3.1.2.3", "FTP implementations must return a file identical to the original if the parameters used to store and retrieve a file are the same."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: transfer.Uploads,
	Field:     "A file changes each time it is edited over FTP: empty lines double, or the last line is lost.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "ascii_upload_enable and ascii_download_enable both YES, or both NO"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		room, s := t.Room(ctx), t.Login(ctx)
		image := spec.Binary(50_000)
		put(ctx, t, s, room+"/image.bin", image)
		t.ExpectContent(fetch(ctx, t, s, "RETR "+room+"/image.bin"), image, "a file stored and fetched in TYPE I")

		set(ctx, t, s, "TYPE A")
		put(ctx, t, s, room+"/text.txt", lines())
		t.ExpectContent(fetch(ctx, t, s, "RETR "+room+"/text.txt"), lines(), "text stored and fetched in TYPE A")
		// A line end that is cut in two has a requirement of its own, REP-012.
		cut := inSegments(ctx, t, s, "STOR "+room+"/cut.txt", "one\r", "\ntwo\r\n")
		if need(t, cut); string(fetch(ctx, t, s, "RETR "+room+"/cut.txt")) != "one\r\ntwo\r\n" {
			t.Note("no long text was tried: a line end that comes in two segments is lost")
			return
		}
		put(ctx, t, s, room+"/long.txt", longText())
		t.ExpectContent(fetch(ctx, t, s, "RETR "+room+"/long.txt"), longText(), "a long text stored and fetched in TYPE A")
	},
}

// longText is one in which a block of any size, a power of two from 64 on, ends
// between CR and LF.
func longText() []byte {
	var b bytes.Buffer
	b.WriteByte('+')
	for i := range 5000 {
		fmt.Fprintf(&b, "%-62d\r\n", i)
	}
	return b.Bytes()
}

// TCP cuts the stream anywhere. A server that converts piece by piece misses the
// line end that lies in two of them.
var splitLineEnd = spec.Requirement{
	ID:       "REP-012",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A line end whose CR and LF arrive in different segments is stored like the others",
	Cites: []spec.Citation{
		spec.RFC(959, "3.1.1.1", "The receiver will convert the data from the standard form to his own internal form."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&textUpload},
	Field:     "Once in a few thousand lines a CR stays, more often the slower the network is. Nobody can repeat it.",
	Check: func(ctx context.Context, t *spec.T) {
		room, s := t.Room(ctx), t.Login(ctx)
		set(ctx, t, s, "TYPE A")
		whole := []byte("one\r\ntwo\r\nthree\r\nfour\r\n")
		put(ctx, t, s, room+"/whole.txt", whole)
		need(t, inSegments(ctx, t, s, "STOR "+room+"/split.txt", "one\r", "\ntwo\r", "\nthree", "\r", "\nfour\r", "\n"))
		set(ctx, t, s, "TYPE I")
		want := fetch(ctx, t, s, "RETR "+room+"/whole.txt")
		t.ExpectContent(fetch(ctx, t, s, "RETR "+room+"/split.txt"), want, "text that was sent in segments, cut between CR and LF")
	},
}

// inSegments is [spec.T.Give] of content in pieces, with pauses that keep each in
// a segment of its own.
func inSegments(ctx context.Context, t *spec.T, s *probe.Session, line string, pieces ...string) spec.Moved {
	const pause = 100 * time.Millisecond
	c := t.Open(ctx, s)
	defer c.Close()
	m := spec.Moved{Command: line, Final: t.Do(ctx, s, line)}
	if !m.Final.Preliminary() {
		return m
	}
	m.Opening = m.Final
	if s.Protected() {
		m.DataErr = c.Handshake(ctx)
	}
	for _, p := range pieces {
		if m.DataErr == nil {
			m.DataErr = c.Send(ctx, bytes.NewReader([]byte(p)))
			t.Sleep(ctx, pause)
		}
	}
	if m.DataErr == nil {
		m.DataErr = c.Finish(ctx)
	}
	_ = c.Close()
	m.Final, m.Err = s.Complete(ctx)
	return m
}

// fresh is a session right after the login, in which nothing has been set.
func fresh(ctx context.Context, t *spec.T) *probe.Session {
	s := t.Dial(ctx)
	r, err := s.Login(ctx)
	t.Blame(err)
	if err != nil || !r.Positive() {
		t.Skip("missing: login (%s)", r)
	}
	if s.TLS() != nil {
		if err := s.Protect(ctx); err != nil {
			t.Blame(err)
			t.Skip("missing: data connections under TLS (%v)", err)
		}
	}
	if dir := t.Target().Dir; dir != "" {
		set(ctx, t, s, "CWD "+dir)
	}
	return s
}

// lines is text as it is sent in TYPE A, with an end behind the last line.
func lines() []byte {
	return append(bytes.ReplaceAll(spec.Text(), []byte("\n"), []byte("\r\n")), "\r\n"...)
}

// ends counts the line ends in a text: CR LF, and LF and CR by themselves.
type ends struct{ crlf, lf, cr int }

func lineEnds(text []byte) ends {
	crlf := bytes.Count(text, []byte("\r\n"))
	return ends{crlf, bytes.Count(text, []byte("\n")) - crlf, bytes.Count(text, []byte("\r")) - crlf}
}

// kinds is how many kinds there are.
func (e ends) kinds() (n int) {
	for _, count := range []int{e.crlf, e.lf, e.cr} {
		if count > 0 {
			n++
		}
	}
	return n
}

func (e ends) String() string {
	return fmt.Sprintf("%d line ends CR LF, %d LF alone, %d CR alone", e.crlf, e.lf, e.cr)
}
