package ftptest_test

import (
	"regexp"

	"github.com/passiveftp/pasv/probe/ftptest"
)

func init() {
	for name, steps := range map[string][]string{
		"list-ignores-argument": {"login", "^230 ", "get LIST pub/sub", ` inner\.txt\r\n`},
		"list-two-returns":      {"login", "^230 ", "get LIST", `pub\r\n\|226`},
		"mlsd-local-time":       {"login", "^230 ", "MLST pub/4k.bin", "modify=20240229123045;"},
		"nlst-ignores-argument": {"login", "^230 ", "get NLST pub/sub", whole(`pub/sub/inner\.txt\r\n`)},
		"mlsd-ignores-argument": {"login", "^230 ", "get MLSD pub/sub", `; inner\.txt\r\n`},
		"rest-survives-refusal": {"login", "^230 ", "TYPE I", "^200", "REST 7", "^350", "get RETR no", "550", "get RETR pub/hello.txt", whole(hello)},
		"type-image-late":       {"login", "^230 ", "TYPE A", "^200", "TYPE I", "^200", "get RETR pub/hello.txt", whole(hello)},
		"list-sets-image":       {"login", "^230 ", "get LIST", "226", "get RETR pub/hello.txt", whole(helloASCII)},
		"type-ascii-no-end":     {"login", "^230 ", "put STOR x<abc", "226", "get RETR x", whole("abc")},
		"cwd-from-root":         {"login", "^230 ", "CWD pub", "^250", "CWD sub", "^250 "},
		"dele-from-root":        {"login", "^230 ", "CWD pub", "^250", "DELE hello.txt", "^250 "},
		"rnto-from-root":        {"login", "^230 ", "CWD pub", "^250", "RNFR hello.txt", "^350", "RNTO here", "^250", "RNFR here", "^350 "},
		"size-from-root":        {"login", "^230 ", "CWD pub", "^250", "SIZE hello.txt", "^213 "},
		"mdtm-from-root":        {"login", "^230 ", "CWD pub", "^250", "MDTM hello.txt", "^213 "},
		"mkd-names-parent":      {"login", "^230 ", "MKD pub/new", `^257 "/pub/new"`},
		"rmd-files":             {"login", "^230 ", "RMD pub/sub", "^550 "},
		"rmd-refuses-late":      {"login", "^230 ", "RMD pub/sub", "^550", "MDTM pub/sub/inner.txt", "^213 "},
		"size-stale":            {"login", "^230 ", "TYPE I", "^200", "put STOR x<abc", "226", "SIZE x", "^213 3\r\n", "put STOR x<abcd", "226", "SIZE x", "^213 4\r\n"},
		"mdtm-month":            {"login", "^230 ", "MDTM pub/4k.bin", "^213 20240229123045\r\n"},
		"rest-far-ignored":      {"login", "^230 ", "TYPE I", "^200", "REST 65536", "^350", "get RETR pub/hello.txt", "^554 "},
	} {
		probes[name] = script(steps...)
	}
	probes["stor-corrupt-far"] = func(srv *ftptest.Server) error {
		w, data := begun(entered(srv), "STOR x")
		_, _ = data.Write(make([]byte, 10<<20+1))
		data.Close()
		return w.follow("reply", "^226 ", "TYPE I", "^200", "REST 10485760", "^350", "get RETR x", whole(`\x00`))
	}
	settings["retr-complete-first"] = big
	probes["retr-complete-first"] = func(srv *ftptest.Server) error {
		w, _ := begun(entered(srv), "RETR big.bin")
		return w.follow("reply", regexp.QuoteMeta(silence))
	}
}
