package probe

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Security is how the control connection is protected.
type Security uint8

const (
	// Plain: ftp://, no TLS.
	Plain Security = iota
	// Explicit: ftpes://, AUTH TLS after the greeting (RFC 4217 §4).
	Explicit
	// Implicit: ftps://, TLS from the first octet, as practice has it.
	Implicit
)

// Secret is a password. It prints as asterisks however it is printed.
type Secret string

const asterisks = "***"

// Format is for all verbs, since fmt prints a value as it is where the verb does
// not suit it.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, asterisks) }
func (Secret) String() string             { return asterisks }

// GoString is asterisks, for %#v.
func (Secret) GoString() string { return asterisks }

// MarshalText is asterisks, for JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(asterisks), nil }

// Target is a server and the account to use there.
type Target struct {
	Security Security
	// Host is a name or an address, an IPv6 address without brackets.
	Host string
	Port uint16
	User string
	Pass Secret
	// Dir is the directory to work in, as it is to be sent with CWD; empty for
	// the directory after login. A URL path /a/b is the relative path a/b,
	// //a/b is the absolute path /a/b (RFC 1738 §3.2.2).
	Dir string
}

// Anonymous is the user name of a target that names none (RFC 1635).
const Anonymous = "anonymous"

// ParseTarget reads a target URL: ftp://, ftpes:// or ftps://, [user[:password]@],
// host, [:port], [/dir]. Characters that mean something in a URL are written as
// %XX, in a directory @ too. Errors repeat nothing of what may be a password.
func ParseTarget(s string) (Target, error) {
	if !strings.Contains(s, "://") {
		return Target{}, errors.New("a target is a URL like ftp://user@host:21/dir")
	}
	u, err := url.Parse(s)
	if err != nil {
		return Target{}, malformed(err)
	}
	var t Target
	switch u.Scheme {
	case "ftp":
		t.Security, t.Port = Plain, 21
	case "ftpes":
		t.Security, t.Port = Explicit, 21
	case "ftps":
		t.Security, t.Port = Implicit, 990
	default:
		return Target{}, errors.New("the scheme is none of ftp, ftpes, ftps")
	}
	if t.Host = u.Hostname(); t.Host == "" {
		return Target{}, errors.New("the URL names no host")
	}
	addr, err := netip.ParseAddr(t.Host)
	if v6 := err == nil && addr.Is6(); v6 != strings.HasPrefix(u.Host, "[") || !v6 && strings.Contains(t.Host, ":") {
		return Target{}, errors.New("brackets stand around an IPv6 address, and only there")
	}
	if u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return Target{}, errors.New("a target has neither query nor fragment; write ? and # as %3F and %23")
	}
	// With a / in the password, the rest of it and the host look like a
	// directory, and directories are printed.
	if strings.Contains(u.EscapedPath(), "@") {
		return Target{}, errors.New("an @ behind the host; write / in a password as %2F, @ in a directory as %40")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return Target{}, fmt.Errorf("port %q is not between 1 and 65535", p)
		}
		t.Port = uint16(n)
	}
	t.User = Anonymous
	if u.User != nil && u.User.Username() != "" {
		t.User = u.User.Username()
		pass, _ := u.User.Password()
		t.Pass = Secret(pass)
	}
	t.Dir = directory(u.Path)
	if strings.ContainsAny(t.User+string(t.Pass)+t.Dir, "\r\n\x00") {
		return Target{}, errors.New("a line break or NUL in user, password or directory")
	}
	return t, nil
}

// directory makes an argument of CWD of the path of a URL.
func directory(path string) string {
	dir := strings.TrimPrefix(path, "/")
	if trimmed := strings.TrimRight(dir, "/"); trimmed != "" || dir == "" {
		return trimmed
	}
	return "/"
}

// malformed says what is wrong with a URL. The errors of net/url repeat parts of
// it, which may be parts of the password.
func malformed(err error) error {
	var (
		escape url.EscapeError
		host   url.InvalidHostError
	)
	switch {
	case errors.As(err, &escape):
		return errors.New("not a URL: a % without two hexadecimal digits; write % itself as %25")
	case errors.As(err, &host):
		return errors.New("not a URL: a character that no host name has")
	}
	return errors.New("not a URL; write / ? # % [ ] @ : in user and password as %2F %3F %23 %25 %5B %5D %40 %3A, and an IPv6 address in brackets")
}

// String is the target as a URL without its password.
func (t Target) String() string {
	u := url.URL{Scheme: [...]string{"ftp", "ftpes", "ftps"}[t.Security], Host: t.Address(), Path: "/" + t.Dir}
	u.RawPath = strings.ReplaceAll(u.EscapedPath(), "@", "%40")
	if t.User != "" && t.User != Anonymous {
		u.User = url.User(t.User)
	}
	return u.String()
}

// Address is host:port.
func (t Target) Address() string {
	return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
}
