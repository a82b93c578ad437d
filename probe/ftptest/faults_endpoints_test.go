package ftptest_test

import (
	"fmt"
	"time"

	"github.com/passiveftp/pasv/probe/ftptest"
)

func init() {
	const listing = `^150 [^|]*\|pub\r\n\|226 `
	for name, steps := range map[string][]string{
		"pasv-once-a-session":        {"login", "^230 ", "PASV", "^227 ", "PASV", "^227 "},
		"pasv-mangled-later":         {"login", "^230 ", "PASV", "^227 ", "PASV", `\((\d+,){5}\d+\)`},
		"pasv-dead-after-connection": {"login", "^230 ", "PASV", "^227", "data", "^connected$", "PASV", "^227", "data", "^connected$"},
		"pasv-dead-after-port":       {"login", "^230 ", "PORT 127,0,0,1,78,33", "^200", "PASV", "^227", "data", "^connected$"},
		"pasv-cancelled-by-pwd":      {"login", "^230 ", "PASV", "^227", "PWD", "^257", "fetch NLST", listing},
		"pasv-cancelled-by-refusal":  {"login", "^230 ", "PASV", "^227", "XYZZ", "^500", "fetch NLST", listing},
		"pasv-unused-survives-quit":  {"login", "^230 ", "PASV", "^227", "QUIT", "^221", "reply", "end", "data", "^refused$"},
		"pasv-not-needed-for-names":  {"login", "^230 ", "NLST", "^425 "},
		"epsv-mangled-later":         {"login", "^230 ", "EPSV", "^229", "EPSV", `\(\|\|\|\d+\|\)`},
		"epsv-spoils-uploads":        {"login", "^230 ", "put STOR x<abc", "226", "get RETR x", whole("abc")},
		"epsv-three":                 {"login", "^230 ", "EPSV 3", "^522 "},
		"epsv-wrong-protocol-list":   {"login", "^230 ", "EPSV 99", `^522 .*\(1\)`},
		"epsv-all-small-letters":     {"login", "^230 ", "EPSV all", "^200 "},
		"epsv-all-until-epsv":        {"login", "^230 ", "EPSV ALL", "^200", "EPSV", "^229", "PASV", "^501 "},
		"address-wrong-later":        {"login", "^230 ", "PASV", "^227", "PASV", `\(127,0,0,1,`},

		"ctl-two-replies":            {"login", "^230 ", "PASV", "^227", "NOOP", "^200 Nothing"},
		"ctl-small-letters-list":     {"login", "^230 ", "EPSV", "^229", "fetch list", "226"},
		"ctl-small-letters-user":     {"connect", "^220 ", "user pasv", "^331 "},
		"ctl-directory-without-name": {"login", "^230 ", "MKD", "^501 "},
		"ctl-unknown-with-argument":  {"login", "^230 ", "XYZZ plugh", "^500 "},

		"login-by-name":                {"connect", "^220 ", "USER pasv", "^331", "CWD /", "^530 "},
		"login-not-needed-by-old-name": {"connect", "^220 ", "XCWD /", "^530 "},
		"login-failed-and-ports":       {"connect", "^220 ", "USER pasv", "^331", "PASS x", "^530", "PASV", "^530 "},
		"login-falls-back":             {"login", "^230 ", "USER nobody", "^331", "PASS x", "^530", "PWD", "^530 "},
		"login-rein-keeps-directory":   {"login", "^230 ", "CWD pub", "^250", "REIN", "^220", "USER pasv", "^331", "PASS embedded", "^230", "PWD", `"/"`},
		"login-rein-keeps-offset": {"login", "^230 ", "REST 7", "^350", "REIN", "^220", "USER pasv", "^331", "PASS embedded", "^230",
			"TYPE I", "^200", "get RETR pub/hello.txt", whole(hello)},
		"login-rein-keeps-port": {"login", "^230 ", "EPSV", "^229", "REIN", "^220", "USER pasv", "^331", "PASS embedded", "^230", "NLST", "^425 "},

		"min-old-name-idle":          {"login", "^230 ", "XCWD pub", "^250", "PWD", `"/pub"`},
		"min-old-name-makes-nothing": {"login", "^230 ", "XMKD new", "^257", "CWD new", "^250 "},
		"allo-pads":                  {"login", "^230 ", "ALLO 5", "^202", "put STOR x<abc", "226", "get RETR x", whole("abc")},
	} {
		probes[name] = script(steps...)
	}

	probes["pasv-keeps-old-connection"] = func(srv *ftptest.Server) error {
		w := entered(srv)
		w.step("PASV")
		w.step("data")
		old := w.early
		w.step("PASV")
		if silent(old, 3*shortWhile) {
			return fmt.Errorf("the old data connection stays open")
		}
		return nil
	}
	probes["pasv-one-port"] = func(srv *ftptest.Server) error {
		w := entered(srv)
		w.step("PASV")
		first := w.port
		w.step("PASV")
		if w.port == first {
			return fmt.Errorf("port %s again", first)
		}
		return nil
	}
	late := func(pause time.Duration, ask, want string) func(srv *ftptest.Server) error {
		return func(srv *ftptest.Server) error {
			w := entered(srv)
			w.step(ask)
			mark := w.step("NLST")
			silent(w.conn, pause)
			if seen := w.step("data"); seen != "connected" {
				return fmt.Errorf("%q, and then %s", mark, seen)
			}
			b := make([]byte, 10)
			w.early.SetReadDeadline(time.Now().Add(patience))
			if n, err := w.early.Read(b); string(b[:n]) != want {
				return fmt.Errorf("%q, and then %v", b[:n], err)
			}
			return nil
		}
	}
	probes["pasv-late-data-nothing"] = late(time.Second, "PASV", "pub\r\n")
	probes["epsv-refuses-late-data"] = late(3*shortWhile, "EPSV", "pub\r\n")
}
