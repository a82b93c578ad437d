package ftptest_test

import (
	"fmt"
	"net"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

// settings are the configurations that faults need to show.
var settings = map[string]func() ftptest.Config{
	"ctl-open-after-closing":    func() ftptest.Config { return ftptest.Config{IdleTimeout: 3 * shortWhile} },
	"ctl-spontaneous-reply":     func() ftptest.Config { return ftptest.Config{IdleTimeout: time.Minute} },
	"ctl-idle-short":            func() ftptest.Config { return ftptest.Config{IdleTimeout: 5 * time.Second} },
	"ctl-idle-forever":          func() ftptest.Config { return ftptest.Config{IdleTimeout: 3 * shortWhile} },
	"ctl-idle-in-transfer":      func() ftptest.Config { return ftptest.Config{IdleTimeout: 2 * shortWhile, FS: memory()} },
	"login-acct-unimplemented":  accounts,
	"login-acct-refused":        accounts,
	"login-quit-cuts":           big,
	"pasv-absent-data-complete": impatient,
	"retr-refusal-waits":        func() ftptest.Config { return ftptest.Config{AcceptTimeout: 15 * shortWhile} },
	"pasv-closed-data-hangs":    big,
	"pasv-exhausted-dead-port":  func() ftptest.Config { return ftptest.Config{PassivePorts: freePort()} },
	"sec-ports-not-released":    func() ftptest.Config { return ftptest.Config{PassivePorts: freePort()} },
	"pasv-on-ipv-six":           version6,
	"epsv-other-family":         version6,
	"stor-over-limit":           func() ftptest.Config { return ftptest.Config{MaxUpload: 10} },
	"retr-cut-hangs":            big,
	"abor-stale":                big,
	"abor-hangs-up":             big,
	"abor-sends-on":             big,
	"retr-slow-gaps":            big,
	"retr-crosses-four": func() ftptest.Config {
		m := ftptest.NewMemory()
		for i := range 4 {
			Expect(m.WriteZeros(fmt.Sprintf("/pub/large-%d", i), bigSize)).To(Succeed())
		}
		return ftptest.Config{FS: m}
	},
	"abor-complete":         big,
	"abor-closes":           big,
	"abor-leaves-data":      big,
	"retr-stat-refused":     big,
	"retr-noop-refused":     big,
	"retr-outlives-control": big,
	"retr-stall-forever":    func() ftptest.Config { return ftptest.Config{StallTimeout: 2 * shortWhile, FS: memory()} },
	"size-wraps": func() ftptest.Config {
		m := ftptest.NewMemory()
		Expect(m.WriteZeros("/huge", 1<<32+1000)).To(Succeed())
		return ftptest.Config{FS: m}
	},
	"list-cut": func() ftptest.Config {
		m := ftptest.NewMemory()
		for i := range 2100 {
			Expect(m.WriteFile(fmt.Sprintf("/f%d", i), nil)).To(Succeed())
		}
		return ftptest.Config{FS: m}
	},
	"lang-star-stays":    func() ftptest.Config { return ftptest.Config{Languages: []string{"en-GB", "en-US"}} },
	"stat-bare-names":    awkward,
	"mlsd-broken-names":  awkward,
	"sec-no-delay":       func() ftptest.Config { return ftptest.Config{LoginDelay: 5 * shortWhile} },
	"tls-data-optional":  func() ftptest.Config { c := secure(); c.RequireDataTLS = true; return c },
	"tls-login-optional": func() ftptest.Config { c := secure(); c.RequireTLS = true; return c },
	"tls-reuse-complete": func() ftptest.Config { c := secure(); c.RequireReuse = true; return c },
	"tls-abor-ignored":   func() ftptest.Config { c := secure(); c.FS = memory(); return c },
	"host-other-than-sni": func() ftptest.Config {
		c := secure()
		c.Hosts = hosts().Hosts
		return c
	},
}

// setting is the configuration for a fault.
func setting(name string) ftptest.Config {
	if f := settings[name]; f != nil {
		return f()
	}
	switch {
	case strings.HasPrefix(name, "tls-"):
		return secure()
	case strings.HasPrefix(name, "host-") && name != "host-spoils-login":
		return hosts()
	}
	return ftptest.Config{}
}

func accounts() ftptest.Config {
	return ftptest.Config{Accounts: map[string]string{"pasv": "books"}}
}
func big() ftptest.Config       { return ftptest.Config{FS: memory()} }
func impatient() ftptest.Config { return ftptest.Config{AcceptTimeout: 2 * shortWhile} }
func version6() ftptest.Config  { return ftptest.Config{Addr: "[::1]:0"} }
func hosts() ftptest.Config {
	return ftptest.Config{Hosts: []string{"a.example", "b.example"}}
}

func secure() ftptest.Config {
	cfg, _, err := ftptest.SelfSigned()
	Expect(err).NotTo(HaveOccurred())
	return ftptest.Config{TLS: cfg}
}

// awkward has a file whose name looks like the end of a reply, and one whose name has two lines.
func awkward() ftptest.Config {
	m := ftptest.NewMemory()
	Expect(m.WriteFile("/pub/212 End", nil)).To(Succeed())
	Expect(m.WriteFile("/pub/a\r\ntype=file; forged", nil)).To(Succeed())
	return ftptest.Config{FS: m}
}

// freePort is a range of one port.
func freePort() ftptest.Range {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer ln.Close()
	port := ln.Addr().(*net.TCPAddr).AddrPort().Port()
	return ftptest.Range{First: port, Last: port}
}

// hello is /pub/hello.txt in TYPE I, helloASCII in TYPE A.
const (
	hello      = `Hello, this is a text file\.\nIts lines end in LF\.\nGoodbye\.\n`
	helloASCII = `Hello, this is a text file\.\r\nIts lines end in LF\.\r\nGoodbye\.\r\n`
)

// whole is what an undisturbed transfer of data looks like.
func whole(data string) string { return `^150 [^|]*\|` + data + `\|226 [^\n]*\n$` }

// refused is any refusal.
const refused = `^[45]\d\d `

func init() {
	for name, steps := range map[string][]string{
		// control
		"ctl-greeting-refusal":   {"connect", "^220 "},
		"ctl-open-after-closing": {"login", "^230 ", "reply", "^421 ", "reply", `^\(end\)$`},
		"ctl-code-colon":         {"login", "^230 ", "HELP NOOP", "^214 "},
		"ctl-wrong-end":          {"login", "^230 ", "HELP NOOP", `^214 .*\n$`},
		"ctl-number-in-reply":    {"login", "^230 ", "HELP NOOP", `^214 .*\n$`},
		"ctl-no-crlf":            {"connect", `\r\n$`},
		"ctl-unknown-ignored":    {"login", "^230 ", "XYZZ", "^500 "},
		"ctl-two-marks":          {"login", "^230 ", "get NLST", whole(`pub\r\n`)},
		"ctl-spontaneous-reply":  {"login", "^230 ", "reply", `^\(silence\)$`},
		"ctl-code-class":         {"login", "^230 ", "HELP NOOP", "^214 "},
		"ctl-code-range":         {"login", "^230 ", "HELP NOOP", "^214 "},
		"ctl-unknown-accepted":   {"login", "^230 ", "XYZZ", "^500 "},
		"ctl-case-sensitive":     {"login", "^230 ", "noop", "^200 ", "pWd", "^257 "},
		"ctl-parameter-case":     {"login", "^230 ", "TYPE i", "^200 "},
		"ctl-one-space":          {"login", "^230 ", "TYPE  I", "^200 "},
		"ctl-argument-optional":  {"login", "^230 ", "MODE", "^501 "},
		"ctl-hasty":              {"login", "^230 ", "raw NOO", `^\(silence\)$`, "raw P\r\n", `^200 .*\n$`},
		"ctl-one-command-a-segment": {"login", "^230 ", "raw NOOP\r\nPWD\r\nNOOP\r\n", "^200 ",
			"reply", "^257 ", "reply", "^200 "},
		"ctl-long-line-split":   {"login", "^230 ", "CWD " + strings.Repeat("A", 64<<10), "^500 ", "reply", `^\(silence\)$`, "NOOP", "^200 "},
		"ctl-telnet-as-text":    {"login", "^230 ", "send \xff\xfd\x01\xff\xfb\x03NOOP\r\n", "", "reply", `^\x{FFFD}\x{FFFD}\x01\x{FFFD}\x{FFFD}\x03200 `},
		"ctl-telnet-negotiates": {"connect", "^220 "},
		"ctl-idle-short":        {"login", "^230 ", "reply", `^\(silence\)$`, "NOOP", "^200 "},
		"ctl-idle-forever":      {"login", "^230 ", "reply", "^421 "},

		// login
		"login-user-mark":              {"connect", "^220 ", "USER pasv", "^331 "},
		"login-despite-wrong-password": {"connect", "^220 ", "USER pasv", "^331 ", "PASS wrong", "^530 ", "PWD", "^530 "},
		"login-password-again":         {"connect", "^220 ", "USER pasv", "^331 ", "PASS embedded", "^230 "},
		"login-failed-for-good": {"connect", "^220 ", "USER pasv", "^331 ", "PASS wrong", "^530 ",
			"USER pasv", "^331 ", "PASS embedded", "^230 "},
		"login-pass-first":          {"connect", "^220 ", "PASS x", "^503 "},
		"login-second-pass":         {"connect", "^220 ", "USER pasv", "^331 ", "PASS x", "^530 ", "PASS embedded", "^503 "},
		"login-not-needed":          {"connect", "^220 ", "CWD /", "^530 "},
		"login-help-refused":        {"connect", "^220 ", "HELP", "^214-"},
		"login-noop-refused":        {"connect", "^220 ", "NOOP", "^200 "},
		"login-user-closes":         {"login", "^230 ", "USER other", "^331 "},
		"login-user-keeps-identity": {"login", "^230 ", "USER other", "^331 ", "PWD", "^530 "},
		"login-rein-class":          {"login", "^230 ", "REIN", "^220 "},
		"login-rein-keeps-type": {"login", "^230 ", "TYPE I", "^200 ", "REIN", "^220 ", "PWD", "^530 ", "USER pasv", "^331 ",
			"PASS embedded", "^230 ", "STAT", "TYPE: ASCII"},
		"login-rein-keeps-user":    {"login", "^230 ", "REIN", "^220 ", "PWD", "^530 "},
		"login-quit-stays":         {"login", "^230 ", "QUIT", "^221 ", "reply", `^\(end\)$`},
		"login-acct-unimplemented": {"login", "^332 ", "ACCT books", "^230 ", "ACCT books", "^202 "},
		"login-acct-refused":       {"login", "^332 ", "ACCT books", "^230 "},

		// passive mode
		"pasv-not-needed":           {"login", "^230 ", "LIST", "^425 "},
		"pasv-argument-closes":      {"login", "^230 ", "PASV x", "^501 "},
		"pasv-before-login":         {"connect", "^220 ", "PASV", "^530 "},
		"pasv-cancelled-by-cwd":     {"login", "^230 ", "PASV", "^227 ", "CWD .", "^250 ", "fetch NLST", whole(`pub\r\n`)},
		"pasv-survives-quit":        {"login", "^230 ", "PASV", "^227 ", "QUIT", "^221 ", "reply", "end", "data", "refused"},
		"pasv-survives-abor":        {"login", "^230 ", "PASV", "^227 ", "ABOR", "^226 ", "data", "refused"},
		"pasv-absent-data-complete": {"login", "^230 ", "PASV", "^227 ", "RETR pub/4k.bin", "^150 ", "reply", "^425 ", "NOOP", "^200 "},
		"pasv-exhausted-dead-port":  {"login", "^230 ", "PASV", "^227 ", "login", "^230 ", "PASV", "^425 "},
		"pasv-on-ipv-six":           {"login", "^230 ", "PASV", refused},
		"pasv-impatient":            {"login", "^230 ", "PASV", "^227 ", "wait 6s", "", "fetch NLST", whole(`pub\r\n`)},
		"sec-shared-rename":         {"login", "^230 ", "RNFR pub", "^350 ", "another", "^230 ", "RNTO y", "^503 "},
		"stou-overwrites":           {"login", "^230 ", "put STOU<abc", "226", "put STOU<def", "226", "get NLST", `stou-.*\r\nstou-`},
		"mlsd-unique":               {"login", "^230 ", "get MLSD", "unique=2;", "get MLSD", "unique=2;"},
		"ctl-single-octets-lost":    {"login", "^230 ", "send P", "", "wait 50ms", "", "send W", "", "wait 50ms", "", "send D", "", "wait 50ms", "", "raw \r\n", "^257 "},
		"ctl-lone-line-feed":        {"login", "^230 ", "send PWD\r", "", "wait 100ms", "", "raw \n", "^257 "},

		"epsv-address-in-reply":     {"login", "^230 ", "EPSV", `\(\|\|\|\d+\|\)`},
		"epsv-delimiter":            {"login", "^230 ", "EPSV", `\(\|\|\|\d+\|\)`},
		"epsv-late-listener":        {"login", "^230 ", "EPSV", "^229", "data", "connected"},
		"epsv-no-download":          {"login", "^230 ", "PASV", "^227", "fetch RETR pub/hello.txt", whole(helloASCII), "get RETR pub/hello.txt", whole(helloASCII)},
		"epsv-own-protocol-refused": {"login", "^230 ", "EPSV 1", "^229 "},
		"epsv-any-protocol":         {"login", "^230 ", "EPSV 99", "^522 "},
		"epsv-no-protocol-list":     {"login", "^230 ", "EPSV 99", `^522 [^()]*\([0-9,]+\)`},
		"epsv-any-argument":         {"login", "^230 ", "EPSV foo", "^501 "},
		"epsv-all-refused":          {"login", "^230 ", "EPSV ALL", "^200 "},
		"epsv-all-allows-pasv":      {"login", "^230 ", "EPSV ALL", "^200 ", "PASV", refused},
		"epsv-all-allows-port":      {"login", "^230 ", "EPSV ALL", "^200 ", "PORT 127,0,0,1,200,200", refused},
		"epsv-all-allows-eprt":      {"login", "^230 ", "EPSV ALL", "^200 ", "EPRT |1|127.0.0.1|51400|", refused},
		"epsv-all-blocks-epsv":      {"login", "^230 ", "EPSV ALL", "^200 ", "get NLST", whole(`pub\r\n`)},
		"epsv-before-login":         {"connect", "^220 ", "EPSV", "^530 "},
		"epsv-other-family":         {"login", "^230 ", "get NLST", whole(`pub\r\n`)},

		// transfers
		"nlst-incomplete":       {"login", "^230 ", "CWD pub", "^250 ", "get NLST", `\|1m\.bin\r\n`},
		"stor-keeps-tail":       {"login", "^230 ", "put STOR x<0123456789", "226", "put STOR x<abc", "226", "get RETR x", whole("abc")},
		"stor-empty-lost":       {"login", "^230 ", "put STOR e<", "226", "get RETR e", whole("")},
		"stor-nowhere":          {"login", "^230 ", "put STOR no/such/x<abc", "^553 "},
		"stor-over-limit":       {"login", "^230 ", "put STOR x<more than ten", `\|552 `},
		"appe-replaces":         {"login", "^230 ", "put APPE x<abc", "226", "put APPE x<def", "226", "get RETR x", whole("abcdef")},
		"stou-mark":             {"login", "^230 ", "put STOU<abc", "^150 FILE: "},
		"stor-apostrophe":       {"login", "^230 ", "put STOR d'e<abc", "226"},
		"retr-no-mark":          {"login", "^230 ", "get RETR pub/hello.txt", whole(helloASCII)},
		"retr-then-noop-closes": {"login", "^230 ", "get RETR pub/hello.txt", "226", "NOOP", "^200 "},
		"retr-empty-refused":    {"login", "^230 ", "get RETR pub/empty.bin", whole("")},
		"retr-missing-complete": {"login", "^230 ", "get RETR nosuch", "^550 "},
		"retr-refusal-waits":    {"login", "^230 ", "EPSV", "^229 ", "RETR nosuch", "^550 "},
		"retr-refusal-spoils":   {"login", "^230 ", "get RETR nosuch", "^550 ", "get NLST", whole(`pub\r\n`)},
		"abor-idle-class":       {"login", "^230 ", "ABOR", "^226 "},
		"abor-synch":            {"login", "^230 ", "raw \xff\xf4\xff\xf2ABOR\r\n", "^226 "},
		"size-wraps":            {"login", "^230 ", "TYPE I", "^200", "SIZE huge", "^213 4294968296\r\n"},

		// restart and representation
		"rest-refused": {"login", "^230 ", "TYPE I", "^200", "REST 100", "^350 "},
		"rest-ignored": {"login", "^230 ", "TYPE I", "^200", "EPSV", "^229", "REST 50", "^350 ", "fetch RETR pub/hello.txt", whole(`oodbye\.\n`)},
		"rest-sticks": {"login", "^230 ", "TYPE I", "^200", "EPSV", "^229", "REST 50", "^350 ", "fetch RETR pub/hello.txt", whole(`oodbye\.\n`),
			"get RETR pub/hello.txt", whole(hello)},
		"rest-ignored-by-stor":  {"login", "^230 ", "TYPE I", "^200", "put STOR x<abc", "226", "REST 3", "^350", "put STOR x<def", "226", "get RETR x", whole("abcdef")},
		"rest-beyond-end":       {"login", "^230 ", "TYPE I", "^200", "REST 1000000000", "^350", "get RETR pub/hello.txt", "^554 "},
		"rest-any-argument":     {"login", "^230 ", "REST abc", "^501 "},
		"rest-not-listed":       {"login", "^230 ", "FEAT", "\n REST STREAM\r\n"},
		"rest-ascii":            {"login", "^230 ", "REST 52", "^350", "get RETR pub/hello.txt", whole(`oodbye\.\r\n`)},
		"rest-sticks-to-stor":   {"login", "^230 ", "TYPE I", "^200", "put STOR x<abc", "226", "REST 3", "^350", "put STOR x<def", "226", "put STOR x<ghi", "226", "get RETR x", whole("ghi")},
		"rest-at-end":           {"login", "^230 ", "TYPE I", "^200", "EPSV", "^229", "REST 58", "^350", "fetch RETR pub/hello.txt", whole("")},
		"type-default-image":    {"login", "^230 ", "get RETR pub/hello.txt", whole(helloASCII)},
		"type-l-refused":        {"login", "^230 ", "TYPE L 8", "^200 "},
		"type-telnet-refused":   {"login", "^230 ", "TYPE A T", "^200 "},
		"type-any":              {"login", "^230 ", "TYPE X", "^504 "},
		"type-ascii-download":   {"login", "^230 ", "get RETR pub/hello.txt", whole(helloASCII)},
		"type-ascii-upload":     {"login", "^230 ", "put STOR x<a\r\nb\r\n", "226", "TYPE I", "^200", "get RETR x", whole("a\nb\n")},
		"type-ascii-last-line":  {"login", "^230 ", "put STOR x<a\r\nb\r\n", "226", "TYPE I", "^200", "get RETR x", whole("a\nb\n")},
		"type-forgotten-by-cwd": {"login", "^230 ", "TYPE I", "^200", "CWD pub", "^250", "get RETR hello.txt", whole(hello)},
		"type-lost-by-passive":  {"login", "^230 ", "TYPE I", "^200", "get RETR pub/hello.txt", whole(hello)},
		"mode-stream-refused":   {"login", "^230 ", "MODE S", "^200 "},
		"mode-block-ignored":    {"login", "^230 ", "MODE B", "^504 "},
		"stru-page":             {"login", "^230 ", "STRU P", "^504 "},
		"type-l-ascii":          {"login", "^230 ", "TYPE L 8", "^200 ", "get RETR pub/hello.txt", whole(hello)},
		"min-no-append":         {"login", "^230 ", "put APPE x<abc", "226"},
		"min-no-old-names":      {"login", "^230 ", "XCUP", "^250 "},

		// information
		"syst-refused":       {"login", "^230 ", "SYST", "^215 "},
		"syst-other-listing": {"login", "^230 ", "SYST", "^215 UNIX", "get LIST", `^150 [^|]*\|[d-]`},
		"stat-refused":       {"login", "^230 ", "STAT", "^211-"},
		"stat-no-entries":    {"login", "^230 ", "STAT pub", `hello\.txt`},
		"stat-bare-names":    {"login", "^230 ", "STAT pub", "\n212 End of status\r\n$", "NOOP", "^200 "},
		"help-refused":       {"login", "^230 ", "HELP", "^214-"},
		"noop-cancels":       {"login", "^230 ", "EPSV", "^229", "NOOP", "^200", "fetch NLST", whole(`pub\r\n`)},
		"allo-spoils":        {"login", "^230 ", "ALLO 3", "^202", "put STOR x<abc", "226"},

		// directories
		"pwd-text-first":      {"login", "^230 ", "PWD", `^257 "`},
		"pwd-single-quotes":   {"login", "^230 ", `MKD q"q`, "^257", `CWD q"q`, "^250", "PWD", `^257 "/q""q"`},
		"pwd-relative":        {"login", "^230 ", "CWD pub", "^250", "PWD", `^257 "/pub"`},
		"cwd-stays":           {"login", "^230 ", "CWD pub", "^250", "PWD", `^257 "/pub"`},
		"cwd-file":            {"login", "^230 ", "CWD pub/hello.txt", "^550 "},
		"cwd-missing":         {"login", "^230 ", "CWD nosuch", "^550 "},
		"mkd-start-directory": {"login", "^230 ", "CWD pub", "^250", "MKD d", `^257 "/pub/d"`},
		"rmd-tree":            {"login", "^230 ", "RMD pub", "^550 ", "CWD pub", "^250 "},
		"dele-directory":      {"login", "^230 ", "DELE pub/empty", "^550 "},
		"cdup-stays":          {"login", "^230 ", "CWD pub", "^250", "CDUP", "^250", "PWD", `^257 "/"`},
		"cdup-leaves-root":    {"login", "^230 ", "CDUP", "^250", "PWD", `^257 "/"`},
		"mkd-no-name":         {"login", "^230 ", "MKD d", `^257 "/d"`},
		"mkd-relative":        {"login", "^230 ", "CWD pub", "^250", "MKD d", `^257 "/pub/d"`},
		"mkd-existing":        {"login", "^230 ", "MKD pub", "^550 "},
		"rmd-nothing":         {"login", "^230 ", "RMD pub/empty", "^250", "CWD pub/empty", "^550 "},
		"rmd-file":            {"login", "^230 ", "RMD pub/hello.txt", "^550 "},
		"dele-nothing":        {"login", "^230 ", "DELE pub/hello.txt", "^250", "get RETR pub/hello.txt", "^550 "},
		"dele-missing":        {"login", "^230 ", "DELE nosuch", "^550 "},
		"rnto-copies":         {"login", "^230 ", "RNFR pub/4k.bin", "^350", "RNTO b", "^250", "get RETR b", "^150", "get RETR pub/4k.bin", "^550 "},
		"rnfr-missing":        {"login", "^230 ", "RNFR nosuch", "^550 "},
		"rnto-alone":          {"login", "^230 ", "RNTO x", "^503 "},
		"dele-pattern":        {"login", "^230 ", "DELE pub/hello.t*", "^550 ", "get RETR pub/hello.txt", "^150 "},
		"cwd-sets-type":       {"login", "^230 ", "TYPE I", "^200", "CWD pub", "^250", "get RETR hello.txt", whole(hello)},
		"rnto-again":          {"login", "^230 ", "RNFR pub/4k.bin", "^350", "RNTO no/such/b", "^553", "RNTO c", "^503 "},

		// features and metadata
		"feat-class":       {"login", "^230 ", "FEAT", "^211-"},
		"feat-indent":      {"login", "^230 ", "FEAT", "\n TVFS\r\n"},
		"feat-last-line":   {"login", "^230 ", "FEAT", "\n211 End\r\n$"},
		"feat-incomplete":  {"login", "^230 ", "FEAT", "\n MDTM\r\n"},
		"feat-dead-entry":  {"login", "^230 ", "FEAT", `^(.*\n [^L].*\n)*[^L]*$`},
		"feat-no-epsv":     {"login", "^230 ", "FEAT", "\n EPRT\r\n EPSV\r\n"},
		"feat-after-login": {"connect", "^220 ", "FEAT", "^211-"},
		"opts-any":         {"login", "^230 ", "OPTS XYZZ", "^501 "},
		"opts-no-utf":      {"login", "^230 ", "OPTS UTF8 ON", "^200 "},
		"mdtm-zone":        {"login", "^230 ", "MDTM pub/4k.bin", `^213 \d{14}\r\n$`},
		"mdtm-local-time":  {"login", "^230 ", "MDTM pub/4k.bin", "^213 20240229123045\r\n"},
		"size-directory":   {"login", "^230 ", "SIZE pub", "^550 "},
		"mdtm-sets-time":   {"login", "^230 ", "put STOR 19990929043300 x<abc", "226", "MDTM 19990929043300 x", "^213 "},
		"size-unit":        {"login", "^230 ", "TYPE I", "^200", "SIZE pub/4k.bin", "^213 4096\r\n"},
		"size-ascii":       {"login", "^230 ", "SIZE pub/hello.txt", "^213 61\r\n"},
		"size-wildcard":    {"login", "^230 ", "TYPE I", "^200", "SIZE pub/*", "^550 "},
		"mdtm-now":         {"login", "^230 ", "MDTM pub/4k.bin", "^213 20240229123045\r\n"},

		// listings
		"list-incomplete":    {"login", "^230 ", "CWD pub", "^250", "get LIST", ` sub\r\n\|226`},
		"list-no-crlf":       {"login", "^230 ", "TYPE I", "^200", "get NLST", whole(`pub\r\n`)},
		"list-sets-type":     {"login", "^230 ", "TYPE I", "^200", "get LIST", "226", "get RETR pub/hello.txt", whole(hello)},
		"list-empty-refused": {"login", "^230 ", "get LIST pub/empty", whole("")},
		"list-missing":       {"login", "^230 ", "get LIST nosuch", "^450 "},
		"list-own-format":    {"login", "^230 ", "get LIST", `\|drwx`},
		"nlst-header":        {"login", "^230 ", "get NLST", whole(`pub\r\n`)},
		"nlst-bare-names":    {"login", "^230 ", "get NLST pub/sub", whole(`pub/sub/inner\.txt\r\n`)},
		"list-cut":           {"login", "^230 ", "get NLST", "f999\r\npub\r\n"},

		"mlst-no-space":          {"login", "^230 ", "MLST pub", "\n type=dir;"},
		"mlst-no-semicolon":      {"login", "^230 ", "MLST pub", "; /pub\r\n"},
		"mlsd-no-crlf":           {"login", "^230 ", "get MLSD", `pub\r\n\|`},
		"mlsd-total-line":        {"login", "^230 ", "get MLSD", `^150 [^|]*\|type=`},
		"mlsd-text-lines":        {"login", "^230 ", "TYPE A", "^200", "get MLSD", `pub\r\n\|`},
		"mlsd-parent-untyped":    {"login", "^230 ", "OPTS MLST size;", "^200", "get MLSD", `\| pub\r\n`},
		"mlst-options-ignored":   {"login", "^230 ", "OPTS MLST type;", "^200", "MLST pub", `\n type=dir; `},
		"mlsd-blank-line":        {"login", "^230 ", "get MLSD", `pub\r\n\|`},
		"mlsd-file":              {"login", "^230 ", "get MLSD pub/hello.txt", "^501 "},
		"mlsd-missing":           {"login", "^230 ", "get MLSD nosuch", "^550 "},
		"mlsd-sets-type":         {"login", "^230 ", "get MLSD", "226", "get RETR pub/hello.txt", whole(helloASCII)},
		"mlsd-type-value":        {"login", "^230 ", "get MLSD", `\|type=dir;`},
		"mlst-cdir":              {"login", "^230 ", "MLST pub", "type=dir;"},
		"mlsd-perm":              {"login", "^230 ", "get MLSD", "perm=[a-z]+;"},
		"mlsd-modify":            {"login", "^230 ", "get MLSD", `modify=\d{14};`},
		"mlsd-no-perm":           {"login", "^230 ", "get MLSD", "perm=", "FEAT", `perm\*;`},
		"mlst-unknown-fact":      {"login", "^230 ", "FEAT", `unique\*;\r\n`},
		"mlsd-paths":             {"login", "^230 ", "get MLSD pub/sub", `; inner\.txt\r\n`},
		"mlst-feature-form":      {"login", "^230 ", "FEAT", `unique\*;\r\n`},
		"mlst-options-stars":     {"login", "^230 ", "OPTS MLST type;size;", "^200 MLST OPTS type;size;", "FEAT", `type\*;size\*;modify;perm;unique;`},
		"mlst-options-malformed": {"login", "^230 ", "OPTS MLST type size;", "^501 "},
		"mlsd-start-directory":   {"login", "^230 ", "CWD pub/sub", "^250", "get MLSD", `; inner\.txt\r\n`},
		"mlsd-broken-names":      {"login", "^230 ", "get MLSD pub", `\|(type=[^\n]*;modify=[^\n]*\n)+\|226`},

		// encoding
		"utf-lost-in-pwd":            {"login", "^230 ", "MKD é", "^257", "CWD é", "^250", "PWD", `"/é"`},
		"utf-lost-in-listings":       {"login", "^230 ", "MKD é", "^257", "get MLSD", `; é\r\n`},
		"utf-cut-at-nul":             {"login", "^230 ", "CWD pub\r\x00b", "^550 "},
		"utf-feature-name":           {"login", "^230 ", "FEAT", "\n UTF8\r\n"},
		"utf-spaces-stripped":        {"login", "^230 ", "put STOR  x<abc", "226", "get RETR  x", whole("abc")},
		"utf-only":                   {"login", "^230 ", "put STOR \xe9<abc", "226"},
		"utf-octet-not-doubled":      {"login", "^230 ", "MKD a\xff\xffb", `^257.*a\x{FFFD}\x{FFFD}b`},
		"utf-carriage-return-closes": {"login", "^230 ", "CWD a\r\x00b", "^550 "},
		"lang-star-stays":            {"connect", "^220 ", "LANG en-US", "^200 ", "FEAT", `\n LANG en-GB;en-US\*\r\n`},
		"lang-needs-argument":        {"connect", "^220 ", "LANG", "^(200|502) "},

		// TLS
		"tls-auth-class":         {"connect", "^220 ", "tls", "^234 "},
		"tls-auth-case":          {"connect", "^220 ", "AUTH tls", "^234 "},
		"tls-auth-any":           {"connect", "^220 ", "AUTH XYZZY", "^504 "},
		"tls-prot-not-listed":    {"connect", "^220 ", "FEAT", "\n PROT\r\n"},
		"tls-auth-keeps-login":   {"login", "^230 ", "tls", "^234", "PWD", "^530 "},
		"tls-clear-pbsz":         {"connect", "^220 ", "PBSZ 0", "^503 "},
		"tls-prot-first":         {"connect", "^220 ", "tls", "^234", "PROT P", "^503 "},
		"tls-pbsz-class":         {"connect", "^220 ", "tls", "^234", "PBSZ 0", "^200 "},
		"tls-prot-any":           {"connect", "^220 ", "private", "^200 ", "PROT X", "^504 "},
		"tls-private-by-default": {"connect", "^220 ", "tls", "^234", "USER pasv", "^331", "PASS embedded", "^230", "get NLST", whole(`pub\r\n`)},
		"tls-plain-data":         {"connect", "^220 ", "private", "^200 ", "get MLSD", `; pub\r\n\|226`},
		"tls-prot-too-late": {"connect", "^220 ", "tls", "^234", "USER pasv", "^331", "PASS embedded", "^230", "PBSZ 0", "^200", "PROT P", "^200",
			"EPSV", "^229", "PROT C", "^200", "fetch NLST", whole(`pub\r\n`)},
		"tls-data-optional":      {"login", "^230 ", "get NLST", "^521 "},
		"tls-resumption-refused": {"connect", "^220 ", "private", "^200 ", "get NLST", whole(`pub\r\n`)},
		"tls-upload-refused":     {"connect", "^220 ", "private", "^200 ", "put STOR x<abc", "226"},
		"tls-ccc-in-clear":       {"connect", "^220 ", "CCC", "^533 "},
		"tls-failure-goes-on":    {"connect", "^220 ", "AUTH TLS", "^234", "raw NOOP\r\n", `^[^2]*\(end\)$`},
		"tls-login-optional":     {"connect", "^220 ", "USER pasv", "^530 "},

		// virtual hosts
		"host-spoils-login":       {"connect", "^220 ", "HOST x.example", "^502", "USER pasv", "^331", "PASS embedded", "^230 "},
		"host-case-sensitive":     {"connect", "^220 ", "HOST A.EXAMPLE", "^220 "},
		"host-after-login":        {"login", "^230 ", "HOST a.example", "^503 "},
		"host-malformed":          {"connect", "^220 ", "HOST -bad-", "^501 "},
		"host-port":               {"connect", "^220 ", "HOST 192.0.2.1:2112", "^501 ", "HOST [2001:db8::1]:2112", "^501 "},
		"host-other-address":      {"connect", "^220 ", "HOST 192.0.2.1", "^504 "},
		"host-once":               {"connect", "^220 ", "HOST a.example", "^220 ", "HOST b.example", "^220 "},
		"host-error-spoils-login": {"connect", "^220 ", "HOST x.example", "^504", "USER pasv", "^331", "PASS embedded", "^230 "},
		"host-unlisted":           {"connect", "^220 ", "HOST a.example", "^220 ", "FEAT", "\n HOST\r\n"},
		"host-survives-rein":      {"login", "^230 ", "REIN", "^220 ", "HOST a.example", "^220 "},
		"host-other-than-sni":     {"connect", "^220 ", "tls a.example", "^234", "HOST b.example", "^504 "},

		// security
		"sec-bounce":          {"login", "^230 ", "PORT 192,0,2,1,78,33", refused, "EPRT |1|192.0.2.1|20001|", refused},
		"sec-bounce-low-port": {"login", "^230 ", "PORT 127,0,0,1,0,25", "^504 "},
		"sec-port-malformed":  {"login", "^230 ", "PORT 1,2,3,4,5", "^501 "},
		"sec-endless-attempts": {"connect", "^220",
			"USER u", "331", "PASS x", "530", "USER u", "331", "PASS x", "530", "USER u", "331", "PASS x", "530",
			"USER u", "331", "PASS x", "530", "USER u", "331", "PASS x", "^421 "},
		"sec-user-unknown":       {"connect", "^220 ", "USER nobody-of-that-name", "^331 "},
		"sec-escape":             {"login", "^230 ", "get RETR ../../etc/passwd", "^550 "},
		"sec-echo":               {"login", "^230 ", "CWD x\r\x00\n226 fake", "^550 ", "NOOP", "^200 "},
		"sec-ports-not-released": {"login", "^230 ", "EPSV", "^229", "QUIT", "^221", "reply", "end", "login", "^230 ", "EPSV", "^229 "},
		"sec-site-exec":          {"login", "^230 ", "SITE EXEC id", "^501 "},
		"sec-format":             {"login", "^230 ", "CWD %n%n%s%s", "^550 "},
		"sec-password-echo":      {"connect", "^220 ", "USER u", "^331 ", "PASS secret-word", `^530 [^-]*$`},
	} {
		probes[name] = script(steps...)
	}
}
