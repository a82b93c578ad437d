package transfer

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/passiveftp/pasv/probe"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/spec"
)

// The other half of the heart.
var stores = spec.Requirement{
	ID:       "XFER-010",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "STOR of a new file is answered 125 or 150, then 226 or 250, and stores the octets that were sent",
	Cites: []spec.Citation{
		accepts,
		storReplies,
		spec.RFC(959, "3.1.1.3", "The receiving site must store the data as contiguous bits."),
	},
	Needs: spec.Login | spec.Write,
	Field: "What is uploaded is damaged or lost, and whoever uploaded it was told that all is well.",
	Check: func(ctx context.Context, t *spec.T) {
		content := random(1 << 20)
		path := t.Room(ctx) + "/new.bin"
		s := t.Login(ctx)
		up := t.Give(ctx, s, "STOR "+path, content)
		for up.NoRoom() && len(content) > 1<<10 {
			t.Note("there is no room for %d octets: %s", len(content), up.Final)
			content = content[:len(content)/32]
			_, _ = s.Do(ctx, "DELE "+path)
			up = t.Give(ctx, s, "STOR "+path, content)
		}
		if up.Err == nil && up.Opening.IsZero() && up.Final.Negative() {
			t.Skip("missing: write (STOR is answered %s)", up.Final)
		}
		if (up.Err != nil || up.DataErr != nil || !up.Final.Positive()) && tlsToBlame(ctx, t, path, content) {
			t.Skip("blocked by TLS-017 or TLS-020: it works without TLS on the data connection, not with it: %s", last(up))
		}
		t.ExpectComplete(up)

		down := t.Take(ctx, s, "RETR "+path)
		switch {
		case bytes.Equal(down.Data, content):
			return
		case down.Err != nil, down.DataErr != nil:
			t.Skip("blocked by XFER-003: the download ends with %v, then %s", down.DataErr, last(down))
		case appears(ctx, t, path, content):
			t.Skip("blocked by XFER-011: what was stored is not there at once")
		case refused(down) && lost(ctx, t, path):
			// A drop box does not give back what it has, and some servers name what they
			// are given. In either case something is in the directory, which was empty.
			if m := t.Take(ctx, s, "NLST "+t.Room(ctx)); m.Err == nil && m.Final.Positive() && len(entries(m.Data)) > 0 {
				t.Skip("what was stored cannot be fetched by its name (%s); the directory has %s", down.Final, shown(entries(m.Data)))
			}
			t.Fail("the file to be there after "+up.Final.String(), "RETR is answered "+down.Final.String())
		case down.Opening.IsZero(), !down.Final.Positive():
			t.Skip("blocked by XFER-003: the download ends with %s", last(down))
		}
		if typeLost(ctx, t, down.Data, content) {
			t.Skip("blocked by REP-008: TYPE I is not in force any more")
		}
		if culprit(ctx, t, path, down.Data, content) != inUpload {
			t.Skip("blocked by XFER-003: the download is wrong")
		}
		t.ExpectContent(down.Data, content, "what was stored")
	},
}

// A 226 is a promise: the client deletes its own copy now, or tells somebody that
// the file is there.
var visible = spec.Requirement{
	ID:       "XFER-011",
	Level:    report.Practice,
	Severity: report.Critical,
	Title:    "When an upload is answered 226 or 250, the file is complete and visible for other sessions",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2", "The requested action has been successfully completed. A new request may be initiated."),
	},
	Needs: spec.Login | spec.Write,
	Field: "Whoever is told that the file has come finds none, or takes a part of it for the whole.",
	Check: func(ctx context.Context, t *spec.T) {
		content := random(200_000)
		path := t.Room(ctx) + "/new.bin"
		writer, reader := t.Login(ctx), t.Login(ctx)
		up := t.Give(ctx, writer, "STOR "+path, content)
		if up.Err != nil || !up.Final.Positive() {
			t.Skip("blocked by XFER-010: %s", last(up))
		}
		size, err := reader.Size(ctx, path)
		m := t.Take(ctx, reader, "RETR "+path)
		expected := "the whole file in another session after " + up.Final.String()
		switch {
		case m.Err != nil, m.DataErr != nil:
			t.Skip("blocked by XFER-001: a download ends with %v, then %s", m.DataErr, last(m))
		case !bytes.Equal(m.Data, content):
			// Only what is right later was too late now.
			if !appears(ctx, t, path, content) {
				t.Skip("blocked by XFER-010: the file is not there later either, or is not right")
			}
			t.Fail(expected, fmt.Sprintf("%d of %d octets, then %s, and the whole file later", len(m.Data), len(content), last(m)))
		case err == nil && size != int64(len(content)):
			later, _ := reader.Size(ctx, path)
			if later != size {
				t.Fail(expected, fmt.Sprintf("SIZE of %d octets first, and of %d later", size, later))
			}
			t.Note("SIZE says %d of a file of %d octets, and says so still: that has a requirement of its own", size, len(content))
		}

		// The reader has had the old one now.
		old := content
		content = random(len(content))
		if up = t.Give(ctx, writer, "STOR "+path, content); up.Err != nil || !up.Final.Positive() {
			t.Note("the file cannot be replaced: %s", last(up))
			return
		}
		m = t.Take(ctx, reader, "RETR "+path)
		if !bytes.Equal(m.Data, old) { // what is neither has requirements of its own
			return
		}
		if fresh := t.Take(ctx, t.Login(ctx), "RETR "+path); !bytes.Equal(fresh.Data, content) && !appears(ctx, t, path, content) {
			t.Skip("blocked by XFER-012: the file was not replaced")
		}
		t.Fail("the new content in a session that had the old one", "the old one; another session gets the new one")
	},
}

// appears tells that a file that was not right is so after a while.
func appears(ctx context.Context, t *spec.T, path string, content []byte) bool {
	s := t.Login(ctx)
	for range 3 {
		t.Sleep(ctx, late/2)
		m := t.Take(ctx, s, "RETR "+path)
		if bytes.Equal(m.Data, content) {
			return true
		}
		if m.Err != nil {
			s = t.Login(ctx)
		}
	}
	return false
}

// Nothing of the old content may be left.
var replaces = spec.Requirement{
	ID:       "XFER-012",
	Level:    report.Must,
	Severity: report.Critical,
	Title:    "STOR replaces the content of an existing file completely",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "If the file specified in the pathname exists at the server site, then its contents shall be replaced by the data being transferred."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Field:     "A new and shorter version of a file ends with the tail of the old one.",
	Check: func(ctx context.Context, t *spec.T) {
		path := t.Room(ctx) + "/file.bin"
		s := t.Login(ctx)
		t.Upload(ctx, s, "STOR "+path, random(1000))
		for _, n := range []int{10, 10, 3000} { // shorter, as long, longer
			content := random(n)
			m := t.Give(ctx, s, "STOR "+path, content)
			if m.Err == nil && m.Final.Negative() {
				t.Skip("the account may not overwrite: %s", m.Final)
			}
			t.ExpectComplete(m)
			t.ExpectContent(t.Download(ctx, s, "RETR "+path), content, "a file that was replaced")
		}
	},
}

// Markers and locks are empty files.
var emptyUpload = spec.Requirement{
	ID:       "XFER-013",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "STOR with no data creates an empty file",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "A new file is created at the server site if the file specified in the pathname does not already exist."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&stores},
	Field:     "Marker files never appear, and a synchronisation finds the same file missing each time.",
	Check: func(ctx context.Context, t *spec.T) {
		path := t.Room(ctx) + "/empty.bin"
		s := t.Login(ctx)
		m := t.Give(ctx, s, "STOR "+path, nil)
		t.ExpectComplete(m)
		if size, err := s.Size(ctx, path); err == nil {
			if size != 0 {
				t.Fail("an empty file", fmt.Sprintf("SIZE of %d octets", size))
			}
			return
		}
		down := t.Take(ctx, s, "RETR "+path)
		switch {
		case down.Err == nil && down.Final.Positive():
			t.ExpectContent(down.Data, nil, "an empty file")
		case lost(ctx, t, path):
			t.Fail("an empty file after "+m.Final.String(), "RETR is answered "+last(down))
		default:
			t.Skip("blocked by XFER-006: %s", last(down))
		}
	},
}

// There is no directory to store into.
var refusedUpload = spec.Requirement{
	ID:       "XFER-014",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "An upload that cannot be stored ends with a negative reply",
	Cites: []spec.Citation{
		storReplies,
		spec.RFC(959, "4.2", "The command was not accepted and the requested action did not take place."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: []*spec.Requirement{&stores},
	Field:     "Data are thrown away, and whoever sent them believes that they are stored.",
	Check: func(ctx context.Context, t *spec.T) {
		content := random(1000)
		path := t.Room(ctx) + "/no-such-directory/new.bin"
		s := t.Login(ctx)
		m := t.Give(ctx, s, "STOR "+path, content)
		if m.Err == nil && m.Final.Positive() {
			// Storage that knows no directories makes them as it goes.
			if down := t.Take(ctx, s, "RETR "+path); bytes.Equal(down.Data, content) {
				t.Skip("the server makes directories that are missing: the upload could be stored")
			}
		}
		if m.Opening.IsZero() {
			t.ExpectRefused(m, 553, 550, 450, 452, 532)
			return
		}
		t.ExpectRefused(m, 551, 552, 451, 426)
	},
}

// More than the operator has declared that the account may store.
var overQuota = spec.Requirement{
	ID:       "XFER-015",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "An upload that exceeds the storage allocation is answered 552 or 452, and not as a success",
	Cites: []spec.Citation{
		spec.RFC(959, "4.2.1", "552 Requested file action aborted. Exceeded storage allocation (for current directory or dataset)."),
		spec.RFC(959, "4.2.1", "452 Requested action not taken. Insufficient storage space in system."),
	},
	Needs:     spec.Login | spec.Write | spec.Quota,
	BlockedBy: []*spec.Requirement{&stores},
	Alone:     true, // there is no room for others meanwhile
	Field:     "Backups end in the middle and count as complete.",
	Check: func(ctx context.Context, t *spec.T) {
		const most = 64 << 20
		quota := t.Declared().Quota
		if quota > most {
			t.Skip("a quota of %d octets is too large to fill", quota)
		}
		path := t.Room(ctx) + "/large.bin"
		s := t.Login(ctx)
		m := t.Give(ctx, s, "STOR "+path, random(int(quota+quota/10)+64<<10))
		_, _ = s.Do(ctx, "DELE "+path)
		if m.Err == nil && (m.Final.Code == 451 || m.Final.Code == 426) {
			t.Tolerate("reply code 552 or 452", m.Final.String())
			return
		}
		t.ExpectRefused(m, 552, 452)
	},
}

// Logs and files that grow, and uploads that are resumed where REST is missing.
var appends = spec.Requirement{
	ID:       "XFER-017",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "APPE appends to an existing file and creates a missing one",
	Cites: []spec.Citation{
		spec.RFC(959, "4.1.3", "If the file specified in the pathname exists at the server site, then the data shall be appended to that file; otherwise the file specified in the pathname shall be created at the server site."),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Field:     "Uploads that are resumed lose their first part, or never begin.",
	Fixes: []spec.Fix{
		{Server: "vsftpd", Setting: "write_enable=YES (and anon_other_write_enable=YES for anonymous users)"},
		{Server: "ProFTPD", Setting: "AllowOverwrite on"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		path := t.Room(ctx) + "/file.bin"
		x, y := random(3000), random(2000)
		s := t.Login(ctx)
		first := t.Give(ctx, s, "APPE "+path, x)
		if first.Err == nil && first.Final.Negative() {
			// Is it appending that is forbidden, or creating that is missing?
			t.Upload(ctx, s, "STOR "+path, x)
			if m := t.Give(ctx, s, "APPE "+path, y); m.Err == nil && m.Final.Negative() && m.Final.Code != 500 && m.Final.Code != 502 {
				t.Skip("the account may not append: %s", m.Final)
			}
			t.Fail("a file that APPE creates", first.Final.String())
		}
		t.ExpectComplete(first)
		second := t.Give(ctx, s, "APPE "+path, y)
		if second.Err == nil && second.Final.Negative() {
			t.Skip("the account may not append to what is there: %s", second.Final)
		}
		t.ExpectComplete(second)
		t.ExpectContent(t.Download(ctx, s, "RETR "+path), append(x, y...), "a file and what was appended")
	},
}

// refused tells that a command was answered no at once.
func refused(m spec.Moved) bool { return m.Err == nil && m.Opening.IsZero() && m.Final.Negative() }

// Servers that take a command apart at spaces meet names of people here.
var punctuation = spec.Requirement{
	ID:       "XFER-039",
	Level:    report.Must,
	Severity: report.Major,
	Title:    "Pathnames with spaces and punctuation inside work in all commands",
	Cites: []spec.Citation{
		spec.RFC(959, "5.3.2", "<pathname> ::= <string>"),
		spec.RFC(959, "5.3.2", "<char> ::= any of the 128 ASCII characters except <CR> and <LF>"),
	},
	Needs:     spec.Login | spec.Write,
	BlockedBy: slices.Concat(sound, []*spec.Requirement{&stores}),
	Field:     "Files with everyday names cannot be uploaded, or end up under the first word of their name, where the next one replaces them.",
	Fixes: []spec.Fix{
		{Server: "ProFTPD", Setting: "no PathAllowFilter or PathDenyFilter that forbids them"},
	},
	Check: func(ctx context.Context, t *spec.T) {
		const name, renamed, alike = "a b;c=d'e(1).txt", "a b;c=d'f(2).txt", "a b;c=d'e(1).tx"
		room := t.Room(ctx) + "/"
		content := random(700)
		s := t.Login(ctx)
		switch up := t.Give(ctx, s, "STOR "+room+name, content); {
		case up.Err == nil && (up.Final.Code == 553 || up.Final.Code == 550):
			// 553 is for names that are not allowed (959 §4.2.1): the file system may
			// not have them, or the operator may not want them.
			t.Warn("names like "+name+" to be allowed", up.Final.String())
		default:
			t.ExpectComplete(up)
		}
		// A name that is cut would be the same for these.
		t.Upload(ctx, s, "STOR "+room+alike, random(600))
		t.Upload(ctx, s, "STOR "+room+"a", random(500))
		t.ExpectContent(t.Download(ctx, s, "RETR "+room+name), content, name)

		// What a plain name cannot do either has requirements of its own.
		if size, err := probe.ParseSIZE(t.Do(ctx, s, "SIZE "+room+"a")); err == nil && size == 500 {
			r := t.Do(ctx, s, "SIZE "+room+name)
			if size, err := probe.ParseSIZE(r); err != nil || size != int64(len(content)) {
				t.Fail(fmt.Sprintf("SIZE of %d octets", len(content)), r.String())
			}
		}
		for _, step := range []struct {
			line string
			code int
		}{{"RNFR " + room + "a", 350}, {"RNTO " + room + "b", 250}, {"DELE " + room + "b", 250}} {
			if r := t.Do(ctx, s, step.line); r.Code != step.code {
				t.Note("RNFR, RNTO and DELE are not judged: %s is answered %s", step.line, r)
				return
			}
		}
		t.ExpectCode(t.Do(ctx, s, "RNFR "+room+name), 350)
		t.ExpectCode(t.Do(ctx, s, "RNTO "+room+renamed), 250)
		t.ExpectContent(t.Download(ctx, s, "RETR "+room+renamed), content, renamed)
		t.ExpectCode(t.Do(ctx, s, "DELE "+room+renamed), 250)
	},
}

// A connection that breaks is reset, sooner or later. It is made by hand here,
// because a data connection of package probe ends in order.
var resetUpload = spec.Requirement{
	ID:       "XFER-040",
	Level:    report.Practice,
	Severity: report.Major,
	Title:    "An upload whose data connection is reset is not reported as complete",
	Cites:    []spec.Citation{allBytes},
	Needs:    spec.Login | spec.Write,
	// A server that takes a pause for the end has answered before the reset.
	BlockedBy: []*spec.Requirement{&stores, &slowWriter},
	Takes:     time.Second,
	Field:     "When the line breaks, half a file counts as a whole one: the client that asks again for the reply is told so.",
	Check: func(ctx context.Context, t *spec.T) {
		const pause = time.Second
		s := t.Login(ctx)
		path := t.Room(ctx) + "/new.bin"
		if s.Protected() {
			// Under TLS every end without a close_notify is one too early.
			if r := t.Do(ctx, s, "PROT C"); !r.Positive() {
				t.Skip("no data connection in clear: PROT C is answered %s", r)
			}
		}
		o, err := offer(ctx, t, s)
		if err != nil {
			t.Blame(err)
			t.Skip("no passive port: %v", err)
		}
		conn, err := dialByHand(ctx, s, o)
		if err != nil {
			t.Skip("no data connection: %v", err)
		}
		defer conn.Close()
		if mark := t.Do(ctx, s, "STOR "+path); !mark.Preliminary() {
			t.Skip("blocked by XFER-010: %s", mark)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write(random(300_000)); err != nil {
			t.Skip("the server has ended the upload before: %v", err)
		}
		t.Sleep(ctx, pause)
		_ = conn.SetLinger(0)
		_ = conn.Close()

		final, err := s.Complete(ctx)
		if err != nil {
			t.Blame(err)
			t.Fail("a final reply", err.Error())
		}
		t.ExpectRefusal(final, 426, 451, 425, 552)
		t.Alive(ctx, s)
	},
}

// dialByHand connects to an offered port at the address of the control
// connection: no other one is tried, since it may be anybody's.
func dialByHand(ctx context.Context, s *probe.Session, o probe.Offer) (*net.TCPConn, error) {
	local := net.TCPAddrFromAddrPort(netip.AddrPortFrom(s.Local().Addr(), 0))
	d := net.Dialer{LocalAddr: local, Timeout: 10 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", o.Dial(probe.DialControl, s.Peer()).String())
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}
