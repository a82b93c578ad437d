package tls

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

var (
	tlsBeforeData = spec.RFC(4217, "9", "If the data connection security level is 'Private', then a TLS negotiation must take place on the data connection to the satisfaction of the Client and Server prior to any data being transmitted over the connection.")
	tlsShutdown   = spec.RFC(4217, "12.7", "TLSshutdown() -------> TLSshutdown()")
	failedTLS     = spec.RFC(4217, "10.2", "Should the server not like the TLS negotiation, then it will close the data port immediately and follow the '150' command with a '522' reply, which indicates that the TLS negotiation failed or was unacceptable.")
)

// Each command has its own way through a server, and one that was forgotten sends
// in clear text.
var everyTransfer = spec.Requirement{
	ID:       "TLS-012",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "After PROT P every passive data connection is protected, with the server as the TLS server, for every transfer command",
	Cites: []spec.Citation{
		tlsBeforeData,
		spec.RFC(4217, "7", "For i) and ii), the FTP client MUST be the TLS client and the FTP server MUST be the TLS server."),
		spec.RFC(4217, "9", "the security of subsequent data connections MUST be at that level"),
	},
	Needs:     spec.TLS | spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate},
	Timeout:   5 * time.Minute,
	Field:     "Transfers that one command begins fail for every client under TLS, or go over the wire in clear text.",
	Check: func(ctx context.Context, t *spec.T) {
		listing := func(changes ...func(*probe.Dialer, *probe.Target)) bool {
			s := private(ctx, t, changes...)
			return complete(take(ctx, s, dial(ctx, t, s, ask(ctx, t, s)), "LIST", true))
		}
		if !listing() && listing(unresumed) {
			t.Skip("blocked by TLS-017: a listing comes only without resumption")
		}
		room := t.Room(ctx)
		content := spec.Binary(150_000)
		for _, verb := range []string{"PASV", "EPSV"} {
			s := private(ctx, t)
			if r := t.Do(ctx, s, "CWD "+room); !r.Positive() {
				t.Skip("CWD is answered %s", r)
			}
			t.Do(ctx, s, "TYPE I") // some lose it by CWD
			open := func() *probe.DataConn {
				way := s.PASV
				if verb == "EPSV" {
					way = s.EPSV
				}
				o, err := way(ctx)
				if err != nil {
					t.Blame(err)
					t.Note("%s is not judged: %v", verb, err)
					return nil
				}
				return dial(ctx, t, s, o)
			}
			download := func(line string) ([]byte, bool) {
				c := open()
				if c == nil {
					return nil, false
				}
				m := take(ctx, s, c, line, true)
				excuse(ctx, t, m, room, func(s *probe.Session, c *probe.DataConn) spec.Moved { return take(ctx, s, c, line, false) })
				return judged(t, verb, m)
			}
			upload := func(line string, content []byte) (probe.Reply, bool) {
				c := open()
				if c == nil {
					return probe.Reply{}, false
				}
				m := give(ctx, s, c, line, content)
				excuse(ctx, t, m, room, func(s *probe.Session, c *probe.DataConn) spec.Moved { return send(ctx, s, c, line, false, content) })
				_, ok := judged(t, verb, m)
				return m.Opening, ok
			}
			file := strings.ToLower(verb)
			if verb == "PASV" && !s.Peer().Addr().Is4() {
				continue
			}
			if _, ok := upload("STOR "+file, content); !ok {
				continue
			}
			if data, ok := download("RETR " + file); ok && !bytes.Equal(data, content) {
				blame(ctx, t, room, file, data, content)
			}
			upload("APPE "+file, content)
			upload("STOU", content)
			// Where there is nothing to send there is nothing to protect, some think.
			if _, ok := upload("STOR "+file+".0", nil); ok {
				download("RETR " + file + ".0")
			}
			for _, line := range []string{"LIST", "NLST", "MLSD"} {
				// What has to be in it is not a matter of TLS.
				if data, ok := download(line); ok && len(data) == 0 {
					if t.Target().Security != probe.Plain || len(t.Take(ctx, t.Login(ctx), line+" "+room).Data) == 0 {
						t.Note("%s, %s: nothing is listed", verb, line)
						continue
					}
					t.Fail(fmt.Sprintf("%s, %s under TLS: a listing with %s in it, as in clear text", verb, line, file), "nothing")
				}
			}
		}
	},
}

// blame accuses TLS of what is wrong with a file in room that was stored and fetched
// under it, when it comes back right without TLS. What is always wrong has
// requirements of its own.
func blame(ctx context.Context, t *spec.T, room, file string, got, want []byte) {
	s := entered(ctx, t)
	t.Do(ctx, s, "CWD "+room)
	t.Do(ctx, s, "TYPE I")
	fetch := func(file string) []byte {
		return take(ctx, s, dial(ctx, t, s, ask(ctx, t, s)), "RETR "+file, false).Data
	}
	stored := fetch(file)
	if bytes.Equal(stored, want) {
		t.ExpectContent(got, want, "RETR under TLS of a file that is fetched right without")
	}
	send(ctx, s, dial(ctx, t, s, ask(ctx, t, s)), "STOR "+file+".2", false, want)
	if bytes.Equal(fetch(file+".2"), want) {
		t.ExpectContent(stored, want, "STOR under TLS of a file that is stored right without")
	}
	t.Note("a file of %d octets comes back with %d, without TLS too", len(want), len(got))
}

// judged expects that a transfer is right, unless it was refused for a reason that
// has nothing to do with TLS.
func judged(t *spec.T, way string, m spec.Moved) ([]byte, bool) {
	verb, _, _ := strings.Cut(m.Command, " ")
	if m.Err == nil && m.Opening.IsZero() && m.Final.Negative() {
		switch m.Final.Code {
		case 521, 522, 534:
			t.Fail(way+", "+verb+" under PROT P", m.Final.String())
		}
		t.Note("%s is not judged: %s", verb, m.Final)
		return nil, false
	}
	if m.Err == nil && !unencrypted(m.DataErr) {
		switch m.Final.Code {
		case 450, 452, 532, 550, 551, 552, 553: // about the file
			t.Note("%s is not judged: %s, then %s", verb, m.Opening, m.Final)
			return nil, false
		}
	}
	if !complete(m) {
		if m.Err != nil {
			t.Blame(m.Err)
		} else if m.DataErr != nil {
			t.Blame(m.DataErr)
		}
		t.Fail(way+", "+verb+" under TLS", failure(m))
	}
	return m.Data, true
}

// A server that insists on protected data says so where the client can still do
// something about it.
var policyRefusal = spec.Requirement{
	ID:       "TLS-014",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "A server that demands protected data refuses an unprotected transfer with 521, 522 or 534, at the transfer command",
	Cites: []spec.Citation{
		spec.RFC(4217, "10.2", "The reply to indicate that the PROT setting is incorrect is '521 data connection cannot be opened with this PROT setting'"),
		spec.RFC(4217, "10.2", "The server SHOULD only check the status of the data protection level (for options 3 and 4 above) on the actual command that will initiate the data transfer (and not on the PORT or PASV)."),
		spec.RFC(4217, "11.4", "If a server needs to have the connection protected, then it will reply to the STOR/RETR/NLST/... command with a '522'"),
	},
	Needs:     spec.TLS | spec.TLSRequiredData | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS},
	Field:     "Files go over the wire in clear text although the operator has forbidden it; or clients cannot tell why they are refused.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "force_local_data_ssl=YES"},
		{Server: "ProFTPD", Setting: "TLSRequired on (or data)"},
		{Server: "Pure-FTPd", Setting: "-Y 3 (TLS 3)"},
		{Server: "pyftpdlib", Setting: "handler.tls_data_required = True"},
		{Server: "IIS", Setting: `dataChannelPolicy="SslRequire" of ftpServer/security/ssl`},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "LIST without PROT P to be refused, reply code 521, 522 or 534"
		for _, lines := range [][]string{nil, {"PBSZ 0", "PROT C"}} {
			s := entered(ctx, t)
			agreed := true
			for _, line := range lines {
				agreed = t.Do(ctx, s, line).Positive()
			}
			if !agreed {
				t.Note("PROT C is answered %s", s.Last())
				continue
			}
			o, err := s.PASV(ctx)
			if !s.Peer().Addr().Is4() {
				o, err = s.EPSV(ctx)
			}
			if o.Reply.Class() == 5 {
				t.Warn("the refusal of an unprotected transfer at the transfer command", o.Command+" is answered "+o.Reply.String())
			}
			if err != nil {
				t.Blame(err)
				t.Skip("no passive port: %v", err)
			}
			mark, r := clearListing(ctx, t, s, dial(ctx, t, s, o), "data that have to be protected")
			switch {
			case !r.Negative():
				t.Fail(expected, "a listing in clear text, and "+r.String())
			case !mark.IsZero():
				t.Warn(expected+", before a 1yz reply", fmt.Sprintf("%s, then %s", mark, r))
			case r.Code == 550:
				t.Tolerate(expected, r.String())
			default:
				t.ExpectRefusal(r, 521, 522, 534)
			}
		}
	},
}

// The client learns that its handshake failed from the control connection, or not
// at all.
var failedHandshake = spec.Requirement{
	ID:       "TLS-015",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "A failed TLS handshake on the data connection is reported with 522 or 535, and the session goes on",
	Cites: []spec.Citation{
		failedTLS,
		spec.RFC(2228, "6", "the server will send a 535 reply to the data transfer command (either STOR, STOU, RETR, LIST, NLST, or APPE)."),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Takes:     time.Second,
	Field:     "A client that cannot agree with the server on a version or a cipher hangs, takes the transfer for complete, or loses its session.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "the failed handshake to be reported, reply code 522 or 535"
		s := private(ctx, t)
		c := dial(ctx, t, s, ask(ctx, t, s))
		defer c.Close()
		if r := t.Do(ctx, s, "LIST"); !r.Preliminary() {
			t.Skip("LIST is refused: %s", r)
		}
		// The server is to be waiting for the handshake by then: what it does when
		// both come at once is a matter of chance.
		t.Sleep(ctx, time.Second)
		_ = c.Send(ctx, strings.NewReader("GARBAGE\r\n\r\n"))
		r, err := within(ctx, s, slowness)
		_ = c.Close()
		if probe.CauseOf(err) == probe.Stalled {
			r, err = s.Complete(ctx)
		}
		if err != nil {
			t.Blame(err)
			t.Fail(expected, err.Error())
		}
		switch r.Code {
		case 522, 535:
		case 425, 426, 450, 451:
			t.Tolerate(expected, r.String())
		default:
			if !r.Negative() {
				t.Fail(expected, r.String())
			}
			t.ExpectRefusal(r, 522, 535)
		}
		t.Alive(ctx, s)
	},
}

// What comes before the handshake is for everybody to read.
var nothingBefore = spec.Requirement{
	ID:        "TLS-016",
	Level:     report.MustNot,
	Severity:  report.Critical,
	Title:     "No octet of a file is sent before the handshake on the data connection is complete",
	Cites:     []spec.Citation{tlsBeforeData},
	Needs:     spec.TLS | spec.Login | spec.File,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Takes:     3 * time.Second,
	Field:     "The beginning of a file is on the wire in clear text, and the client's handshake fails over it.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "nothing but TLS on the data connection"
		f := t.Fixture(ctx, spec.File)
		s := private(ctx, t)
		c := dial(ctx, t, s, ask(ctx, t, s))
		defer c.Close()
		if r := t.Do(ctx, s, "RETR "+f.Path); !r.Preliminary() {
			t.Skip("RETR is refused: %s", r)
		}
		switch h := listen(ctx, t, c, hearing); {
		case h.data():
			t.Fail(expected, fmt.Sprintf("octets that are no record of TLS, %#02x first", h.octets[0]))
		case h.record():
			t.Note("the server sends a record of TLS before the client")
			return
		case h.ended:
			t.Note("the server does not wait for a handshake for %s", hearing)
			return
		}
		if err := c.Handshake(ctx); err != nil {
			t.Blame(err)
			if unencrypted(err) {
				t.Fail(expected, err.Error())
			}
			t.Inconclusive("no handshake after %s: %v", hearing, err)
		}
	},
}

// Without it nobody can tell the end of a file from a connection that was cut.
var closeNotify = spec.Requirement{
	ID:        "TLS-019",
	Level:     report.Practice,
	Severity:  report.Major,
	Title:     "The server sends close_notify before it closes a protected data connection",
	Cites:     []spec.Citation{tlsShutdown},
	Needs:     spec.TLS | spec.Login | spec.File,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Field:     "Clients that look (those with GnuTLS, FileZilla, some builds of curl) report every download as incomplete; those that do not take a part for the whole when somebody cuts the connection.",
	Check: func(ctx context.Context, t *spec.T) {
		const expected = "close_notify, and then the end of the data connection"
		f := t.Fixture(ctx, spec.File)
		s := private(ctx, t)
		c := dial(ctx, t, s, ask(ctx, t, s))
		m := take(ctx, s, c, "RETR "+f.Path, true)
		excuse(ctx, t, m, "", func(s *probe.Session, c *probe.DataConn) spec.Moved {
			return take(ctx, s, c, m.Command, false)
		})
		switch {
		case m.DataErr == nil && c.Cut():
			t.Warn(expected, "its end without close_notify")
		case probe.CauseOf(m.DataErr) == probe.Reset && len(m.Data) < len(f.Content):
			t.Fail(expected, fmt.Sprintf("a reset after %d of %d octets", len(m.Data), len(f.Content)))
		case !complete(m):
			t.Inconclusive("RETR: %s", failure(m))
		}
		c = dial(ctx, t, s, ask(ctx, t, s))
		if m := take(ctx, s, c, "LIST", true); complete(m) && c.Cut() {
			t.Warn(expected, "after LIST, its end without close_notify")
		}
	},
}

// Uploads end when the client says so, and it says so in TLS first.
var endOfUpload = spec.Requirement{
	ID:       "TLS-020",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "An upload that the client ends with close_notify and the end of the connection is stored whole and answered 226 or 250",
	Cites: []spec.Citation{
		tlsShutdown,
		spec.RFC(959, "5.4", "226, 250"),
	},
	Needs:     spec.TLS | spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &resumption},
	Field:     "Every upload under TLS fails, or lacks its end.",
	Check: func(ctx context.Context, t *spec.T) {
		path := t.Room(ctx) + "/stored"
		content := spec.Binary(spec.FileSize)
		s := private(ctx, t)
		m := give(ctx, s, dial(ctx, t, s, ask(ctx, t, s)), "STOR "+path, content)
		if m.Err == nil && m.Opening.IsZero() {
			t.Skip("STOR is refused: %s", m.Final)
		}
		excuse(ctx, t, m, "", func(s *probe.Session, c *probe.DataConn) spec.Moved {
			return send(ctx, s, c, "STOR "+path, false, content)
		})
		if !complete(m) {
			if m.Err != nil {
				t.Blame(m.Err)
			}
			t.Fail("226 or 250 to an upload under TLS", failure(m))
		}
		t.ExpectCode(m.Final, 226, 250)
		again := private(ctx, t)
		back := take(ctx, again, dial(ctx, t, again, ask(ctx, t, again)), "RETR "+path, true)
		if !complete(back) {
			t.Inconclusive("RETR of what was stored: %s", failure(back))
		}
		// TLS alters nothing; what it can lack is the end, of one of the two.
		r := t.Do(ctx, again, "SIZE "+path)
		if size, err := probe.ParseSIZE(r); len(back.Data) >= len(content) || err == nil && size == int64(len(content)) {
			if !bytes.Equal(back.Data, content) {
				t.Skip("blocked by XFER-003 or XFER-010: what comes back is not what was stored")
			}
			return
		}
		t.ExpectContent(back.Data, content, "what was stored under TLS")
	},
}

// The certificate is what tells the server's data connection from another's.
var sameCertificate = spec.Requirement{
	ID:       "TLS-021",
	Level:    report.Should,
	Severity: report.Major,
	Title:    "Data connections show the same certificate as the control connection",
	Cites: []spec.Citation{
		spec.RFC(4217, "15.1.1", "It is strongly recommended that the certificate used for server authentication of Data connections be the same certificate as that used for the corresponding Control connection."),
	},
	Needs:     spec.TLS | spec.Login,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Field:     "Clients that compare the two (FileZilla, WinSCP) refuse the transfer; users of others are asked to trust a second certificate, and learn to say yes.",
	Check: func(ctx context.Context, t *spec.T) {
		s := private(ctx, t, unresumed)
		c := dial(ctx, t, s, ask(ctx, t, s))
		m := take(ctx, s, c, "LIST", true)
		facts := c.TLSFacts()
		if facts == nil {
			t.Skip("no full handshake on the data connection: %s", failure(m))
		}
		control, data := s.TLSFacts().Certificate(), facts.Certificate()
		if control.Fingerprint != data.Fingerprint {
			t.Warn(fmt.Sprintf("the certificate of the control connection, SHA-256 %x", control.Fingerprint[:8]),
				fmt.Sprintf("another one, SHA-256 %x", data.Fingerprint[:8]))
		}
	},
}

// Whoever can reach the port could have anything stored.
var noClearUpload = spec.Requirement{
	ID:        "TLS-030",
	Level:     report.MustNot,
	Severity:  report.Critical,
	Title:     "Under PROT P clear text on the data connection is not stored",
	Cites:     []spec.Citation{tlsBeforeData},
	Needs:     spec.TLS | spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&authTLS, &protPrivate, &everyTransfer},
	Field:     "Somebody who reaches the port before the client has a file of their own stored under the client's name.",
	Check: func(ctx context.Context, t *spec.T) {
		const forged = "This is not protected.\r\n"
		const expected = "clear text under PROT P to be refused"
		path := t.Room(ctx) + "/forged"
		s := private(ctx, t)
		c := dial(ctx, t, s, ask(ctx, t, s))
		defer c.Close()
		r := t.Do(ctx, s, "STOR "+path)
		if !r.Preliminary() {
			t.Skip("STOR is refused: %s", r)
		}
		_ = c.Send(ctx, strings.NewReader(forged))
		_ = c.Close()
		switch r, err := within(ctx, s, slowness); {
		case err == nil && r.Positive():
			t.Fail(expected, r.String())
		case err != nil:
			t.Note("no final reply to STOR: %v", err) // judged by another requirement
		}
		again := private(ctx, t)
		m := take(ctx, again, dial(ctx, t, again, ask(ctx, t, again)), "RETR "+path, true)
		if bytes.Contains(m.Data, []byte(strings.TrimSpace(forged))) {
			t.Fail(expected, "it is in the file")
		}
	},
}
