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
	"syscall"
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
	// Unreadable: a 227 or 229 that cannot be read.
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
	// Reply is the reply that said no, for Cause [Refusal] and [Unreadable].
	Reply Reply
	Err   error
}

// Error names the phase and the attempt: "data.connect 10.0.0.1:1025: i/o timeout".
func (e *Error) Error() string {
	msg := ""
	switch {
	case e.Cause == Refusal:
		msg = e.Reply.String()
	case e.Cause == NoGreeting:
		msg = "connected, but no greeting came: another service, TLS from the first octet (ftps://), or a full accept queue"
	case e.Err != nil:
		msg = plain(e.Err)
	default:
		msg = e.Cause.String()
	}
	if e.Addr == "" {
		return fmt.Sprintf("%s: %s", e.Phase, msg)
	}
	return fmt.Sprintf("%s %s: %s", e.Phase, e.Addr, msg)
}

func (e *Error) Unwrap() error { return e.Err }

// plain is the innermost message that says something: the place and the
// operation that net adds stand in the Error already.
func plain(err error) string {
	var op *net.OpError
	for errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return "i/o timeout"
	}
	if errors.Is(err, io.EOF) {
		return "closed by the peer"
	}
	return Printable(err.Error())
}

// CauseOf is the cause of err: that of the [Error] in its chain, else what the
// error itself tells. It is [Unknown] for nil.
func CauseOf(err error) Cause {
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
	case errors.Is(err, ErrLineTooLong), errors.Is(err, ErrReplyTooLong):
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
