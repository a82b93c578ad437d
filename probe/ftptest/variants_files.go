package ftptest

import (
	"io"
	"net/netip"
	"regexp"
	"strings"
)

// fileVariants are unusual in what they do with files, names and listings.
var fileVariants = []Variant{
	{"drop-box", "Files can be stored and listed, and not be fetched.", together(
		instead("RETR", uploaded, answers(550, "You may not read that.")),
		instead("SIZE", uploaded, answers(550, "You may not read that.")))},
	{"names-files-itself", "An upload gets a number behind its name.", wrap("STOR", func(_ *session, arg string, run func(string)) {
		if arg != "" {
			arg += ".1"
		}
		run(arg)
	})},
	{"plain-names", "Names have letters, digits, hyphens, underscores and dots, and nothing else.", together(
		instead("STOR", fanciful, answers(553, "Such names are not allowed.")),
		instead("APPE", fanciful, answers(553, "Such names are not allowed.")),
		instead("RNTO", fanciful, answers(553, "Such names are not allowed.")),
		instead("MKD", fanciful, answers(550, "Such names are not allowed.")))},
	{"no-spaces", "A space in a name is an underscore.", func(h *hooks) {
		h.lines = append(h.lines, func(s *session, line string) (string, bool) {
			switch verb, name, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
			case "STOR", "RETR", "APPE", "DELE", "RNFR", "RNTO", "MKD", "CWD", "RMD", "LIST", "NLST", "SIZE", "MDTM", "MLST", "MLSD":
				if !strings.HasPrefix(name, "-") {
					line = strings.TrimSuffix(verb+" "+strings.ReplaceAll(name, " ", "_"), " ")
				}
			}
			return line, true
		})
	}},
	{"no-overwriting", "STOR of a file that is there is answered 553, unless REST came before it.", instead("STOR",
		func(s *session, arg string) bool { return isFile(s, arg) && s.restart == 0 }, answers(553, "The file is there already."))},
	{"small-files", "A file may have 200000 octets.", configured(func(c *Config) { c.MaxUpload = 200_000 })},
	{"small-account", "All files together may have a million octets.", configured(func(c *Config) { c.FS = &allotted{FS: c.FS, most: 1_000_000} })},
	{"no-appending", "APPE is answered 451 after its data.", instead("APPE", func(s *session, arg string) bool { return s.passive != nil && arg != "" },
		func(s *session, _ string) {
			s.transfer("Let us see.", func(t *transfer) error {
				_ = t.store(nowhere{io.Discard})
				return fail(451, "Objects do not grow.")
			})
		})},
	{"sizeless", "SIZE is answered 550.", instead("SIZE", afterLogin, answers(550, "That is not to be known."))},
	{"wordy-listing", "LIST has a title, and says how many entries there are.", lists("LIST", func(_ *session, _ string, lines []string) []string {
		return append([]string{"Directory listing"}, append(lines, "", "That was all")...)
	})},
	{"dotted-listing", "LIST and NLST begin with the directory itself and its parent.", together(
		lists("LIST", func(_ *session, _ string, lines []string) []string {
			const dir = "drwxr-xr-x 2 ftp ftp            0 Nov 22  2026 "
			return append([]string{dir + ".", dir + ".."}, lines...)
		}),
		lists("NLST", func(_ *session, arg string, lines []string) []string {
			if arg != "" {
				return lines
			}
			return append([]string{".", ".."}, lines...)
		}))},
	{"typed-parents", "MLSD begins with the directory itself and its parent, where they have their type.", lists("MLSD", func(s *session, _ string, lines []string) []string {
		if !s.facts[0] {
			return lines
		}
		return append([]string{"type=cdir; .", "type=pdir; .."}, lines...)
	})},
	{"exact-times", "Times have three digits of a fraction.", together(
		entries(func(entry string) string { return modified.ReplaceAllString(entry, "${0}.250") }),
		edit("MDTM", 213, func(_ *session, r *reply) { r.lines[0] += ".250" }))},
	{"hasty-with-logins", "A wrong password ends the session.", func(h *hooks) {
		h.onReply(func(s *session, verb string, r *reply) bool {
			s.closing = s.closing || verb == "PASS" && r.code == 530
			return true
		})
	}},
	{"forgets-restarts", "REST is forgotten when anything but a transfer command follows.", func(h *hooks) {
		h.lines = append(h.lines, func(s *session, line string) (string, bool) {
			switch verb, _, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
			case "RETR", "STOR", "APPE":
			default:
				s.restart = 0
			}
			return line, true
		})
	}},
	{"own-address-only", "PORT and EPRT lead to the client, whatever host they name.", func(h *hooks) {
		h.lines = append(h.lines, func(s *session, line string) (string, bool) {
			own := s.peer.WithZone("").String()
			switch verb, arg, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
			case "PORT":
				if n := strings.Split(arg, ","); len(n) == 6 && s.peer.Is4() && ipv4(strings.Join(n[:4], ".")) {
					line = verb + " " + strings.ReplaceAll(own, ".", ",") + "," + n[4] + "," + n[5]
				}
			case "EPRT":
				if f := strings.Split(arg, "|"); len(f) == 5 && s.peer.Is4() && ipv4(f[2]) {
					line = verb + " |" + f[1] + "|" + own + "|" + f[3] + "|"
				}
			}
			return line, true
		})
	}},
	{"strict-with-errors", "After ten errors in a row a session ends with 421.", func(h *hooks) {
		errors := remember[int](h)
		h.onReply(func(s *session, verb string, r *reply) bool {
			switch {
			case r.code >= 500 && verb != greeting:
				errors.set(s, errors.get(s)+1)
			case r.code < 400:
				errors.set(s, 0)
			}
			if errors.get(s) >= 10 {
				*r = answer(421, "That is enough.")
				s.closing = true
			}
			return true
		})
	}},
}

// ipv4 tells IPv4 addresses.
func ipv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

// uploaded tells files that were not there in the beginning.
func uploaded(s *session, arg string) bool {
	full, _ := s.resolve(arg)
	return isFile(s, arg) && !strings.HasPrefix(full, "/pub/")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9._/-]*$`)

// fanciful tells paths with anything but letters, digits and the usual punctuation.
func fanciful(s *session, arg string) bool { return s.loggedIn() && !plain.MatchString(arg) }
