package ftptest

import (
	"maps"
	"slices"
	"strings"
)

// command is one verb.
type command struct {
	run   func(*session, string)
	arg   argument
	path  bool // the argument is a pathname: its spaces are its own
	login bool // refused before login
}

type argument byte

const (
	none     argument = iota // refused
	optional                 // passed on
	required
)

// commands are the verbs that the server knows. It is filled by init because HELP reads it.
var commands map[string]command

func init() {
	commands = map[string]command{
		"USER": {run: (*session).user, arg: required, path: true},
		"PASS": {run: (*session).pass, arg: optional, path: true},
		"ACCT": {run: (*session).acct, arg: required, path: true},
		"REIN": {run: (*session).rein, arg: optional},
		"QUIT": {run: (*session).quit, arg: optional},
		"HOST": {run: (*session).selectHost, arg: required},
		"LANG": {run: (*session).lang, arg: optional},

		"AUTH": {run: (*session).auth, arg: required},
		"PBSZ": {run: (*session).pbsz, arg: required},
		"PROT": {run: (*session).prot, arg: required},
		"CCC":  {run: (*session).ccc},

		"PWD":  {run: (*session).pwd, login: true},
		"CWD":  {run: (*session).cwd, arg: required, path: true, login: true},
		"CDUP": {run: (*session).cdup, login: true},
		"MKD":  {run: (*session).mkd, arg: required, path: true, login: true},
		"RMD":  {run: (*session).rmd, arg: required, path: true, login: true},
		"DELE": {run: (*session).dele, arg: required, path: true, login: true},
		"RNFR": {run: (*session).rnfr, arg: required, path: true, login: true},
		"RNTO": {run: (*session).rnto, arg: required, path: true, login: true},
		"SIZE": {run: (*session).size, arg: required, path: true, login: true},
		"MDTM": {run: (*session).mdtm, arg: required, path: true, login: true},
		"MLST": {run: (*session).mlst, arg: optional, path: true, login: true},

		"TYPE": {run: (*session).typ, arg: required, login: true},
		"MODE": {run: (*session).mode, arg: required, login: true},
		"STRU": {run: (*session).stru, arg: required, login: true},
		"ALLO": {run: (*session).allo, arg: required, login: true},
		"REST": {run: (*session).rest, arg: required, login: true},

		"PASV": {run: (*session).pasv, login: true},
		"EPSV": {run: (*session).epsv, arg: optional, login: true},
		"PORT": {run: (*session).port, arg: required, login: true},
		"EPRT": {run: (*session).eprt, arg: required, login: true},
		"ABOR": {run: (*session).abor, login: true},

		"RETR": {run: (*session).retr, arg: required, path: true, login: true},
		"STOR": {run: (*session).stor, arg: required, path: true, login: true},
		"APPE": {run: (*session).appe, arg: required, path: true, login: true},
		"STOU": {run: (*session).stou, arg: optional, path: true, login: true},
		"LIST": {run: (*session).list, arg: optional, path: true, login: true},
		"NLST": {run: (*session).nlst, arg: optional, path: true, login: true},
		"MLSD": {run: (*session).mlsd, arg: optional, path: true, login: true},

		"SYST": {run: (*session).syst},
		"STAT": {run: (*session).stat, arg: optional, path: true},
		"HELP": {run: (*session).help, arg: optional},
		"NOOP": {run: (*session).noop, arg: optional},
		"SITE": {run: (*session).site, arg: required, login: true},
		"FEAT": {run: (*session).feat},
		"OPTS": {run: (*session).opts, arg: required},
	}
	for old, name := range map[string]string{"XCWD": "CWD", "XCUP": "CDUP", "XPWD": "PWD", "XMKD": "MKD", "XRMD": "RMD"} {
		commands[old] = commands[name]
	}
	// Known from their RFCs, and not done here.
	for _, name := range []string{"SMNT", "ADAT", "MIC", "CONF", "ENC", "LPRT", "LPSV"} {
		commands[name] = command{run: (*session).unimplemented, arg: optional}
	}
}

func (s *session) unimplemented(string) { s.reply(502, "%s is not implemented.", s.verb) }

// help lists the verbs; with one of them as argument it says that it is known.
func (s *session) help(verb string) {
	if verb != "" {
		if _, ok := commands[strings.ToUpper(verb)]; !ok {
			s.reply(501, "There is no such command.")
			return
		}
		s.reply(214, "%s is implemented as in its RFC.", strings.ToUpper(verb))
		return
	}
	lines := []string{"These commands are known:"}
	for row := range slices.Chunk(slices.Sorted(maps.Keys(commands)), 10) {
		lines = append(lines, " "+strings.Join(row, " "))
	}
	s.send(reply{214, append(lines, "End of HELP")})
}

func (s *session) noop(string) { s.reply(200, "Nothing done.") }

func (s *session) syst(string) { s.reply(215, "UNIX Type: L8") }

// site knows SITE HELP only.
func (s *session) site(arg string) {
	if strings.EqualFold(arg, "HELP") {
		s.reply(200, "SITE HELP is the only SITE command.")
		return
	}
	s.reply(501, "There is no such SITE command.")
}
