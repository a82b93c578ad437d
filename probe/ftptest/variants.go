package ftptest

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Variant is a way to serve that is unusual and right: no requirement of an RFC forbids
// it. Whoever judges a server must not accuse it.
type Variant struct {
	// Name is kebab-case and stable.
	Name string
	// About says in one sentence what is unusual.
	About string

	apply func(*hooks)
}

// Variants returns all variants, in a fixed order.
func Variants() []Variant {
	return slices.Concat(variants, endpointVariants, protectionVariants, fileVariants)
}

// LookupVariant finds a variant by its name.
func LookupVariant(name string) (Variant, bool) {
	for _, v := range Variants() {
		if v.Name == name {
			return v, true
		}
	}
	return Variant{}, false
}

var variants = []Variant{
	// How replies come.
	{"octet-by-octet", "Every octet of a reply comes in a segment of its own.", deliver(func(s *session, b []byte) {
		for i := range b {
			s.control.send(b[i : i+1])
		}
	})},
	{"slow", "Every reply takes an eighth of a second.", deliver(func(s *session, b []byte) {
		s.srv.sleep(125 * time.Millisecond)
		s.control.send(b)
	})},
	{"far-away", "Every reply takes 50 milliseconds, as if from another continent.", deliver(func(s *session, b []byte) {
		s.srv.sleep(50 * time.Millisecond)
		s.control.send(b)
	})},
	{"in-two-halves", "Every reply comes in two halves, a tenth of a second apart.", deliver(func(s *session, b []byte) {
		s.control.send(b[:len(b)/2])
		s.srv.sleep(100 * time.Millisecond)
		s.control.send(b[len(b)/2:])
	})},

	// What replies look like.
	{"greeting-delayed", "The greeting is 120, and then 220.", everyReply(func(s *session, verb string, r *reply) {
		if verb == greeting && r.code == 220 {
			s.control.send([]byte("120 Ready in 0 minutes.\r\n"))
		}
	})},
	{"greeting-long", "The greeting has fifty lines, some of them with numbers and octets beyond ASCII.", edit(greeting, 220, func(_ *session, r *reply) {
		lines := []string{"Welcome"}
		for i := range 48 {
			lines = append(lines, fmt.Sprintf(" 22%d  \xe4\xf6\xfc rule %d of the house", i%10, i))
		}
		r.lines = append(lines, "Bitte sch\xc3\xb6n")
	})},
	{"multi-line", "Every reply has several lines, and what it says is in the last one.", everyReply(func(_ *session, verb string, r *reply) {
		if len(r.lines) == 1 && !formal(verb) {
			r.lines = []string{"First of all,", " there is more to say:", r.lines[0]}
		}
	})},
	{"multi-line-first", "Every reply has several lines, and what it says is in the first one.", everyReply(func(_ *session, verb string, r *reply) {
		if len(r.lines) == 1 && !formal(verb) {
			r.lines = []string{r.lines[0], " That was it.", "End"}
		}
	})},
	{"code-on-every-line", "The lines of a reply all begin with its code and a hyphen.", func(h *hooks) {
		h.onWire(func(_ *session, verb string, b []byte) []byte {
			if formal(verb) || len(b) < 4 || b[3] != ' ' {
				return b
			}
			code := string(b[:3])
			return []byte(code + "-Attention,\r\n" + code + "-please:\r\n" + string(b))
		})
	}},
	{"wordless", "Replies have no text where none is asked for.", everyReply(func(_ *session, _ string, r *reply) {
		if free(r) {
			r.lines = []string{""}
		}
	})},
	{"foreign", "Replies are in another language, in UTF-8, with numbers and parentheses in them.", everyReply(func(_ *session, _ string, r *reply) {
		if free(r) {
			r.lines = []string{`Größe (1,2,3,4,5,6) „226“ 550 |||77| "x" übertragen; 完了 150`}
		}
	})},
	{"long-lines", "Replies have lines of two thousand octets.", everyReply(func(_ *session, _ string, r *reply) {
		if free(r) {
			r.lines = []string{strings.Repeat("la la ", 340)}
		}
	})},

	// Other codes that mean the same.
	{"opening-125", "The mark of a transfer is 125.", everyReply(func(_ *session, verb string, r *reply) {
		if r.code == 150 && verb != "STOU" {
			r.code = 125
		}
	})},
	{"done-250", "A transfer ends with 250.", everyReply(func(_ *session, verb string, r *reply) {
		if r.code == 226 && slices.Contains(transferVerbs, verb) {
			r.code = 250
		}
	})},
	{"refused-for-now", "What is missing or not allowed is refused with 450 and 451.", everyReply(func(_ *session, verb string, r *reply) {
		if r.code == 550 {
			r.code = 450
		}
	})},
	{"syntax-500", "Wrong parameters are answered 500.", everyReply(func(_ *session, _ string, r *reply) {
		if r.code == 501 {
			r.code = 500
		}
	})},
	{"unknown-502", "Unknown commands are answered 502.", everyReply(func(_ *session, _ string, r *reply) {
		if r.code == 500 {
			r.code = 502
		}
	})},
	{"cdup-250", "CDUP is answered like CWD.", edit("CDUP", 200, func(_ *session, r *reply) { r.code = 250 })},
	{"pass-202", "The password is called superfluous, and does.", edit("PASS", 230, func(_ *session, r *reply) { r.code = 202 })},
	{"user-230", "The user needs no password.", wrap("USER", func(s *session, arg string, run func(string)) {
		s.hush(func() { run(arg) })
		if pass, ok := s.srv.cfg.Users[arg]; ok && !(s.srv.cfg.RequireTLS && !s.protected()) {
			s.verb = "PASS"
			s.hush(func() { s.pass(pass) })
			s.verb = "USER"
			s.reply(230, "Come in.")
			return
		}
		s.reply(530, "Nobody knows you.")
	})},
	{"abor-225", "ABOR without a transfer is answered 225.", edit("ABOR", 226, func(s *session, r *reply) { r.code = 225 })},
	{"stat-211", "STAT of a path is answered 211.", everyReply(func(_ *session, verb string, r *reply) {
		if verb == "STAT" && (r.code == 212 || r.code == 213) {
			r.code = 211
		}
	})},

	// 227, 229, 257.
	{"pasv-bare", "The 227 has no parentheses.", phrased("Entering Passive Mode %s")},
	{"pasv-equals", "The 227 has an equals sign before the numbers.", phrased("=%s")},
	{"pasv-wordy", "The 227 has text behind the parentheses.", phrased("Entering Passive Mode (%s), hurry up please.")},
	{"epsv-exclamation", "The 229 has ! for its delimiter.", extendedBy("Entering Extended Passive Mode (!!!%d!)")},
	{"epsv-tilde", "The 229 has ~ for its delimiter, and other words.", extendedBy("Passivmodus (~~~%d~). Bitte.")},
	{"path-alone", "Nothing follows the path of a 257.", everyReply(func(_ *session, _ string, r *reply) {
		if r.code == 257 {
			if i := strings.LastIndexByte(r.lines[0], '"'); i > 0 {
				r.lines[0] = r.lines[0][:i+1]
			}
		}
	})},

	// The data connection.
	{"late-mark", "The mark comes only when the data connection is there.", func(h *hooks) { h.markLate = true }},
	{"waits-for-the-end", "A download is complete only when the client has closed, too.", func(h *hooks) {
		h.hangUp = func(t *transfer) bool {
			if secure, ok := t.conn.(*tls.Conn); ok {
				_ = secure.CloseWrite()
			}
			_ = t.tcp.CloseWrite()
			t.tcp.SetReadDeadline(time.Now().Add(writeTimeout))
			_, _ = io.Copy(io.Discard, t.tcp)
			return t.tcp.Close() == nil
		}
	}},
	{"two-ports", "There are two passive ports for everybody.", configured(func(c *Config) {
		if c.PassivePorts == (Range{}) {
			c.PassivePorts = freePair()
		}
	})},
	{"few-sessions", "An address may have five sessions at once; the sixth is greeted 421.", configured(func(c *Config) { c.MaxSessionsPerIP = 5 })},
	{"no-active", "PORT and EPRT are refused.", together(instead("PORT", afterLogin, answers(500, "Passive mode only.")), instead("EPRT", afterLogin, answers(500, "Passive mode only.")))},
	{"quit-lingers", "The control connection is closed two seconds after 221.", wrap("QUIT", func(s *session, arg string, run func(string)) {
		run(arg)
		if s.protected() {
			return
		}
		s.srv.sleep(2 * time.Second)
	})},

	// What is not there.
	{"no-extensions", "No command is known that came after RFC 1123.", lacking("FEAT", "OPTS", "EPSV", "EPRT", "SIZE", "MDTM", "MLST", "MLSD", "HOST", "AUTH", "PBSZ", "PROT", "CCC", "LANG")},
	{"no-feat", "FEAT is not known, and what it would list works.", lacking("FEAT")},
	{"no-restart", "REST is not implemented.", lacking("REST")},
	{"no-machine-listings", "MLST and MLSD are not known.", lacking("MLST", "MLSD")},
	{"no-frills", "ACCT, REIN, STOU, SITE, ALLO and HELP of a verb are not implemented.", together(lacking("REIN", "STOU", "SITE", "ACCT"),
		instead("ALLO", afterLogin, answers(202, "There is room.")), instead("HELP", func(_ *session, arg string) bool { return arg != "" }, answers(502, "Just HELP.")))},
	{"no-tls", "AUTH is not known.", lacking("AUTH", "PBSZ", "PROT", "CCC")},
	{"read-only", "Nothing may be changed.", configured(func(c *Config) { c.ReadOnly = true })},

	// Lists and facts.
	{"feat-lower-case", "FEAT lists features in lower case.", edit("FEAT", 211, func(_ *session, r *reply) {
		for i := 1; i < len(r.lines)-1; i++ {
			r.lines[i] = strings.ToLower(r.lines[i])
		}
	})},
	{"feat-shuffled", "FEAT lists features the other way round, and some that nobody knows.", edit("FEAT", 211, func(_ *session, r *reply) {
		inner := slices.Clone(r.lines[1 : len(r.lines)-1])
		slices.Reverse(inner)
		inner = append(inner, " XCRC \"filename\" SP EP", " XYZZY;plugh;", " SITE UTIME")
		r.lines = slices.Concat(r.lines[:1], inner, r.lines[len(r.lines)-1:])
	})},
	{"facts-upper-case", "The names of facts are in upper case.", func(h *hooks) {
		h.onListing(func(_ *session, verb, _ string, lines []string) []string {
			if verb != "MLSD" {
				return lines
			}
			for i, line := range lines {
				lines[i] = upperFacts(line)
			}
			return lines
		})
		edit("MLST", 250, func(_ *session, r *reply) {
			if len(r.lines) == 3 {
				r.lines[1] = " " + upperFacts(strings.TrimPrefix(r.lines[1], " "))
			}
		})(h)
	}},
	{"dos-listing", "LIST looks like that of MS-DOS, and SYST says Windows_NT.", func(h *hooks) {
		h.onListing(func(_ *session, verb, _ string, lines []string) []string {
			if verb == "LIST" {
				for i, line := range lines {
					lines[i] = dosLine(line)
				}
			}
			return lines
		})
		edit("SYST", 215, func(_ *session, r *reply) { r.lines = []string{"Windows_NT"} })(h)
	}},
	{"total-line", "LIST begins with the line total 42.", func(h *hooks) {
		h.onListing(func(_ *session, verb, _ string, lines []string) []string {
			if verb == "LIST" && len(lines) > 1 {
				return append([]string{"total 42"}, lines...)
			}
			return lines
		})
	}},

	// TLS.
	{"tls-twelve", "TLS 1.2 only.", configured(func(c *Config) { c.secure(func(t *tls.Config) { t.MaxVersion = tls.VersionTLS12 }) })},
	{"tls-thirteen", "TLS 1.3 only.", configured(func(c *Config) { c.secure(func(t *tls.Config) { t.MinVersion = tls.VersionTLS13 }) })},
	{"tls-reuse", "Data connections have to resume the TLS session of the control connection.", configured(func(c *Config) { c.RequireReuse = c.TLS != nil })},
	{"tls-no-tickets", "TLS sessions cannot be resumed.", configured(func(c *Config) { c.secure(func(t *tls.Config) { t.SessionTicketsDisabled = true }) })},
}

// free tells whether the text of a reply is the server's own affair.
func free(r *reply) bool {
	switch r.code {
	case 150, 200, 211, 212, 213, 214, 215, 220, 227, 229, 250, 257, 522:
		return false
	}
	return len(r.lines) == 1
}

// formal tells the commands whose replies have their number of lines from an RFC.
func formal(verb string) bool {
	switch verb {
	case "FEAT", "MLST", "SIZE", "MDTM":
		return true
	}
	return false
}

// everyReply lets f change every reply.
func everyReply(f func(s *session, verb string, r *reply)) func(*hooks) {
	return func(h *hooks) {
		h.onReply(func(s *session, verb string, r *reply) bool {
			f(s, verb, r)
			return true
		})
	}
}

// deliver has f send the replies.
func deliver(f func(s *session, b []byte)) func(*hooks) { return func(h *hooks) { h.deliver = f } }

// configured changes the configuration.
func configured(f func(*Config)) func(*hooks) {
	return func(h *hooks) { h.configure = append(h.configure, f) }
}

// lacking makes verbs unknown.
func lacking(verbs ...string) func(*hooks) {
	return func(h *hooks) {
		for _, v := range verbs {
			h.override(v, answers(502, "Command not implemented."))
		}
	}
}

// phrased words the 227 reply; extendedBy the 229 reply.
func phrased(format string) func(*hooks) {
	return func(h *hooks) {
		h.passive = func(ap netip.AddrPort) reply { return answer(227, format, hostPort(ap)) }
	}
}

func extendedBy(format string) func(*hooks) {
	return func(h *hooks) { h.extended = func(port uint16) reply { return answer(229, format, port) } }
}

// secure changes a copy of the TLS configuration, if there is one.
func (c *Config) secure(f func(*tls.Config)) {
	if c.TLS != nil {
		c.TLS = c.TLS.Clone()
		f(c.TLS)
	}
}

// hush runs f without sending its replies.
func (s *session) hush(f func()) {
	s.silent = true
	f()
	s.silent = false
}

// upperFacts is an entry of MLSD with the names of its facts in upper case.
func upperFacts(line string) string {
	facts, name, _ := strings.Cut(line, " ")
	var b strings.Builder
	for fact := range strings.SplitAfterSeq(facts, ";") {
		label, value, _ := strings.Cut(fact, "=")
		b.WriteString(strings.ToUpper(label))
		if value != "" {
			b.WriteString("=" + value)
		}
	}
	return b.String() + " " + name
}

// dosLine is a line of LIST as MS-DOS has it.
func dosLine(line string) string {
	fields := strings.Fields(line)
	if len(fields) < 9 {
		return line
	}
	_, name, _ := strings.Cut(line, fields[7]+" ")
	size := fmt.Sprintf("%20s", fields[4])
	if line[0] == 'd' {
		size = "      <DIR>         "
	}
	return "11-22-26  09:00AM " + size + " " + name
}

// freePair is a range of two ports that were free a moment ago.
func freePair() Range {
	for {
		ln, err := dynamicPorts.listen(netip.IPv4Unspecified(), 64)
		if err != nil {
			return Range{}
		}
		port := addrPort(ln.Addr()).Port()
		_ = ln.Close()
		if port < 65535 {
			return Range{port, port + 1}
		}
	}
}
