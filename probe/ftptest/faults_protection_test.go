package ftptest_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
)

func init() {
	const most = 15 << 20
	settings["retr-shares-file"] = func() ftptest.Config {
		m := ftptest.NewMemory()
		Expect(m.WriteZeros("/large", most)).To(Succeed())
		return ftptest.Config{FS: m}
	}
	for name, steps := range map[string][]string{
		"tls-auth-keeps-type": {"login", "^230 ", "TYPE I", "^200", "tls", "^234", "USER pasv", "^331", "PASS embedded", "^230",
			"get RETR pub/hello.txt", whole(helloASCII)},
		"tls-clear-prot-after-login": {"login", "^230 ", "PBSZ 0", "^503 ", "PROT P", "^503 "},
		"tls-error-drops-prot":       {"connect", "^220 ", "private", "^200 ", "get RETR nosuch", "^550 ", "get NLST", whole(`pub\r\n`)},
		"tls-prot-refused-clear":     {"connect", "^220 ", "private", "^200 ", "PROT C", "^200 "},
		"sec-bounce-neighbour":       {"login", "^230 ", "PORT 127,0,0,3,78,33", refused},
		"sec-bounce-last-port":       {"login", "^230 ", "PORT 127,0,0,1,3,255", "^504 "},
		"sec-port-last-number":       {"login", "^230 ", "PORT 127,0,0,1,200,256", "^501 "},
		"sec-site-before-login":      {"connect", "^220 ", "SITE EXEC id", refused},
		"sec-password-welcome":       {"connect", "^220 ", "USER pasv", "^331 ", "PASS embedded", `^230 Logged in\.\r\n$`},
	} {
		probes[name] = script(steps...)
	}
	for name, probe := range map[string]func(srv *ftptest.Server) error{
		"tls-empty-clear": func(srv *ftptest.Server) error {
			w := private(srv)
			w.step("put STOR x<")
			_, data := begun(w, "RETR x")
			return tls.Client(data, w.data).Handshake()
		},
		"tls-login-drops-prot": func(srv *ftptest.Server) error {
			w := &wire{srv: srv}
			for _, step := range []string{"connect", "tls", "PBSZ 0", "PROT P", "USER pasv", "PASS embedded"} {
				w.step(step)
			}
			w.data = w.session
			return w.follow("get NLST", whole(`pub\r\n`))
		},
		"tls-list-no-close-notify": func(srv *ftptest.Server) error {
			w, data := begun(private(srv), "LIST")
			log := &recorder{Conn: data}
			_, _ = io.Copy(io.Discard, tls.Client(log, w.data))
			last := log.seen.Bytes()
			// As for tls-no-close-notify.
			if n := len(last) - 24; n < 0 || last[n] != 23 || last[n+3] != 0 || last[n+4] != 19 {
				return errors.New("no alert at the end")
			}
			return nil
		},
		"sec-shared-type": func(srv *ftptest.Server) error {
			a, b := entered(srv), entered(srv)
			a.step("TYPE I")
			b.step("TYPE A")
			return a.follow("get RETR pub/hello.txt", whole(hello))
		},
		"sec-shared-directory": func(srv *ftptest.Server) error {
			a, b := entered(srv), entered(srv)
			b.step("CWD pub")
			return a.follow("get RETR pub/hello.txt", whole(helloASCII))
		},
		"sec-limit-hangs": func(srv *ftptest.Server) error {
			for range 80 {
				if err := entered(srv).follow("EPSV", "^229 "); err != nil {
					return err
				}
			}
			return nil
		},
		"retr-fiftieth": func(srv *ftptest.Server) error {
			w := entered(srv)
			for range 50 {
				if err := w.follow("get RETR pub/hello.txt", whole(helloASCII)); err != nil {
					return err
				}
			}
			return nil
		},
		"tls-octet-lost": func(srv *ftptest.Server) error {
			w := private(srv)
			w.step("TYPE I")
			if seen := w.step("get RETR pub/1m.bin"); len(seen) < 1<<20 {
				return fmt.Errorf("%d octets of replies and data", len(seen))
			} else if seen = seen[strings.IndexByte(seen, '|')+1 : strings.LastIndexByte(seen, '|')]; len(seen) != 1<<20 {
				return fmt.Errorf("%d octets", len(seen))
			}
			return nil
		},
		"type-ascii-block": func(srv *ftptest.Server) error {
			w := entered(srv)
			content := strings.Repeat("a line of sixteen\r\n", 4<<10)
			if seen := w.step("put STOR x<"+content) + w.step("get RETR x"); !strings.Contains(seen, "|"+content+"|") {
				return fmt.Errorf("%d octets of replies and data", len(seen))
			}
			return nil
		},
		"retr-shares-file": func(srv *ftptest.Server) error {
			for range 3 {
				w := entered(srv)
				w.step("TYPE I")
				_, _ = begun(w, "RETR large")
			}
			w := entered(srv)
			w.step("TYPE I")
			_, data := begun(w, "RETR large")
			data.SetReadDeadline(time.Now().Add(patience))
			if n, _ := io.Copy(io.Discard, data); n != most {
				return fmt.Errorf("%d octets", n)
			}
			return nil
		},
		"retr-remembers": func(srv *ftptest.Server) error {
			a, b := entered(srv), entered(srv)
			Expect(b.step("TYPE I")).To(HavePrefix("200 "))
			a.step("put STOR x<old")
			b.step("get RETR x")
			a.step("put STOR x<new")
			return b.follow("get RETR x", whole("new"))
		},
	} {
		probes[name] = probe
	}
}
