package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Cause is why something failed, as far as the client can know. Check, load
// and diagnosis use the same words.
type Cause uint8

const (
	// Unknown: nothing below; the error's text is all there is.
	Unknown Cause = iota
	// Refused: a RST answered the SYN; nothing listens there, or something in the path says so.
	Refused
	// Filtered: nothing answered the SYN.
	Filtered
	// Unreachable: no route, or an ICMP error answered the SYN.
	Unreachable
	// Reset: an established connection was reset.
	Reset
	// Closed: an established connection was closed where more was due.
	Closed
	// Stalled: an established connection went silent where something was due.
	Stalled
	// NoGreeting: the control connection is up, but no greeting came. The
	// server's accept queue may be full.
	NoGreeting
	// Handshake: the TLS handshake or the certificate failed.
	Handshake
	// Refusal: a reply code said no.
	Refusal
	// Alien: the peer does not speak FTP.
	Alien
	// Unreadable: a reply whose text is to be read and cannot be: a 227, 229,
	// 257, 213, 250 or 211.
	Unreadable
	// Excess: the peer sent more than is accepted.
	Excess
	// Canceled: the caller gave up.
	Canceled
	// Local: this machine ran out of something (descriptors, ports, memory).
	Local
)

var causeNames = []string{"unknown", "refused", "filtered", "unreachable", "reset", "closed", "stalled", "no-greeting",
	"tls", "reply", "alien", "unreadable", "excess", "canceled", "local"}

// String is the name of the cause in reports.
func (c Cause) String() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return "unknown"
}

// Error is a failure of the wire: where, at what, why.
type Error struct {
	Phase Phase
	// Addr is the place that was being talked to, "host:port"; it may be empty.
	Addr  string
	Cause Cause
	// Reply is the reply that said no, for Cause [Refusal] and [Unreadable]; for
	// [Closed] and [Reset] the 421 that announced it, if there was one.
	Reply Reply
	// Partial is the beginning of a reply that never became complete. It is the
	// server's text, as it was received.
	Partial string
	// ICMP is the message that answered a connect, where [Dialer.ICMP] asked for it.
	ICMP *ICMPError
	Err  error

	octets  int            // of the reply that Partial is the beginning of
	secrets func() secrets // nil when there are none
}

// What an Error shows of a server's text at most, in octets.
const (
	partialShown = 128
	replyShown   = 1024
)

// Error names the phase and the attempt: "data.connect 10.0.0.1:1025: i/o
// timeout". It is one printable line and has no password of the session in it,
// also where the server repeats it.
func (e *Error) Error() string {
	var hidden secrets
	if e.secrets != nil {
		hidden = e.secrets()
	}
	var b strings.Builder
	b.WriteString(e.Phase.String())
	if e.Addr != "" {
		b.WriteString(" " + e.Addr)
	}
	b.WriteString(": ")
	reply := shortened(hidden.hider()(e.Reply.String()), replyShown)
	switch {
	case e.Cause == Refusal:
		b.WriteString(reply)
	case e.Cause == Unreadable && e.Err != nil:
		b.WriteString(shortened(hidden.hider()(Printable(e.Err.Error())), replyShown))
		if !strings.HasSuffix(e.Err.Error(), e.Reply.String()) {
			b.WriteString(": " + reply)
		}
	case e.Cause == NoGreeting:
		b.WriteString("connected, but no greeting came: another service, TLS from the first octet (ftps://), or a full accept queue")
	case e.Cause == Handshake && e.Err != nil: // may have the names of a certificate in it
		b.WriteString(shortened(hidden.hider()(plain(e.Err)), replyShown))
	case e.Err != nil:
		b.WriteString(plain(e.Err))
	default:
		b.WriteString(e.Cause.String())
	}
	if e.ICMP != nil {
		b.WriteString(", by " + e.ICMP.String())
	}
	if e.Partial != "" {
		fmt.Fprintf(&b, " after %d bytes of an unfinished reply: %s", e.octets, Printable(hidden.hideCut(e.Partial)))
		if e.octets > len(e.Partial) {
			b.WriteString("…")
		}
	}
	if e.Reply.Code == 421 && (e.Cause == Closed || e.Cause == Reset) {
		b.WriteString("; the server had said: " + reply)
	}
	return b.String()
}

// shortened cuts a printable text.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

func (e *Error) Unwrap() error { return e.Err }

// plain is the message without what stands in the Error already: the place and
// the operation that net adds.
func plain(err error) string {
	text := err.Error()
	var op *net.OpError
	for inner := err; errors.As(inner, &op) && op.Err != nil; inner = op.Err {
		text = strings.Replace(text, op.Error(), op.Err.Error(), 1)
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		text = strings.Replace(text, sys.Error(), sys.Err.Error(), 1)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		text = strings.Replace(text, context.DeadlineExceeded.Error(), os.ErrDeadlineExceeded.Error(), 1)
	}
	if before, ok := strings.CutSuffix(text, io.EOF.Error()); ok && errors.Is(err, io.EOF) {
		text = before + "closed by the peer"
	}
	return Printable(text)
}

// CauseOf is the cause of err: that of the [Error] in its chain, else what the
// error itself tells. It is [Unknown] for nil.
func CauseOf(err error) Cause {
	if err == nil {
		return Unknown // without the allocations of a search
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Cause
	}
	return classify(err, true)
}

// classify finds the cause of an error of package net, tls or context.
// Established tells whether the connection was up.
func classify(err error, established bool) Cause {
	var (
		record  tls.RecordHeaderError
		alert   tls.AlertError
		cert    *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		dns     *net.DNSError
		syntax  *SyntaxError
		timeout net.Error
	)
	switch {
	case err == nil:
		return Unknown
	case errors.Is(err, context.Canceled):
		return Canceled
	case excessive(err):
		return Excess
	case errors.As(err, &syntax):
		return Alien
	case errors.As(err, &record), errors.As(err, &alert), errors.As(err, &cert), errors.As(err, &unknown), errors.As(err, &host):
		return Handshake
	case isErrno(err, errnoLocal):
		return Local
	case isErrno(err, errnoRefused):
		return Refused
	case isErrno(err, errnoReset):
		return Reset
	case isErrno(err, errnoUnreachable), errors.As(err, &dns):
		return Unreachable
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Closed
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		if established {
			return Stalled
		}
		return Filtered
	}
	return Unknown
}

func isErrno(err error, list []syscall.Errno) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	for _, e := range list {
		if errno == e {
			return true
		}
	}
	return false
}
