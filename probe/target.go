package probe

import (
	"errors"
	"fmt"
	"net"
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

func (Secret) String() string               { return "***" }
func (Secret) GoString() string             { return `"***"` }
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

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
// host, [:port], [/dir]. Errors never repeat a password.
func ParseTarget(s string) (Target, error) {
	var t Target
	if !strings.Contains(s, "://") {
		return t, errors.New("a target is a URL like ftp://user@host:21/dir")
	}
	u, err := url.Parse(s)
	if err != nil {
		// The error of net/url repeats the whole text, with the password in it.
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return t, fmt.Errorf("not a URL: %s", withoutUserinfo(err.Error(), s))
	}
	switch u.Scheme {
	case "ftp":
		t.Security, t.Port = Plain, 21
	case "ftpes":
		t.Security, t.Port = Explicit, 21
	case "ftps":
		t.Security, t.Port = Implicit, 990
	default:
		return t, fmt.Errorf("scheme %q is none of ftp, ftpes, ftps", u.Scheme)
	}
	if t.Host = u.Hostname(); t.Host == "" {
		return t, errors.New("the URL names no host")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return t, errors.New("a target has neither query nor fragment; write ? and # in a password as %3F and %23")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return t, fmt.Errorf("port %q is not between 1 and 65535", p)
		}
		t.Port = uint16(n)
	}
	t.User = Anonymous
	if u.User != nil && u.User.Username() != "" {
		t.User = u.User.Username()
		pass, _ := u.User.Password()
		t.Pass = Secret(pass)
	}
	t.Dir = strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	if u.Path == "//" {
		t.Dir = "/"
	}
	if strings.ContainsAny(t.User+string(t.Pass)+t.Dir, "\r\n\x00") {
		return Target{}, errors.New("a line break or NUL in user, password or directory")
	}
	return t, nil
}

// withoutUserinfo drops from an error message whatever stands between the
// scheme and the host of the URL.
func withoutUserinfo(msg, raw string) string {
	_, rest, _ := strings.Cut(raw, "://")
	at := strings.LastIndex(rest, "@")
	if at <= 0 {
		return msg
	}
	for _, part := range []string{rest[:at], url.QueryEscape(rest[:at])} {
		msg = strings.ReplaceAll(msg, part, "***")
	}
	if _, pass, ok := strings.Cut(rest[:at], ":"); ok && pass != "" && strings.Contains(msg, pass) {
		return "malformed"
	}
	return msg
}

// String is the target as a URL without its password.
func (t Target) String() string {
	u := url.URL{Scheme: [...]string{"ftp", "ftpes", "ftps"}[t.Security], Host: t.Address(), Path: "/" + t.Dir}
	if t.User != "" && t.User != Anonymous {
		u.User = url.User(t.User)
	}
	return u.String()
}

// Address is host:port.
func (t Target) Address() string {
	return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
}
