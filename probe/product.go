package probe

import (
	"regexp"
	"strings"
	"sync"
)

// Product is the implementation of a server, as far as its replies give it
// away. The zero value stands for an unknown one.
type Product struct {
	// Name is one of the constants below, or empty.
	Name string
	// Version is as the server writes it; many servers do not say.
	Version string
}

// The products that are recognised.
const (
	VSFTPD    = "vsftpd"
	ProFTPD   = "ProFTPD"
	PureFTPd  = "Pure-FTPd"
	Pyftpdlib = "pyftpdlib"
	FileZilla = "FileZilla Server"
	IIS       = "Microsoft FTP (IIS)"
	SFTPGo    = "SFTPGo"
	Embedded  = "pasv"
)

// String is the name and the version: "vsftpd 3.0.3".
func (p Product) String() string { return strings.TrimSpace(p.Name + " " + p.Version) }

// fingerprint is one way in which a product gives itself away. A group in the
// pattern is the version.
type fingerprint struct {
	name string
	// code is the reply it is looked for in, 0 for any.
	code    int
	pattern *regexp.Regexp
}

// fingerprints are in order: names before habits. They are compiled when first
// wanted: most of what starts never asks which product it talks to.
var fingerprints = sync.OnceValue(func() []fingerprint {
	return []fingerprint{
		{VSFTPD, 0, regexp.MustCompile(`(?i)\bvsftpd\b[ /]*(\d[\w.+-]*)?`)},
		{ProFTPD, 0, regexp.MustCompile(`(?i)\bproftpd\b[ /]*(\d[\w.+-]*)?`)},
		{PureFTPd, 0, regexp.MustCompile(`(?i)\bpure-?ftpd\b[ /]*(\d[\w.+-]*)?`)},
		{Pyftpdlib, 0, regexp.MustCompile(`(?i)\bpyftpdlib\b[ /]*(\d[\w.+-]*)?`)},
		{SFTPGo, 0, regexp.MustCompile(`(?i)\bsftpgo(?:[ /_]+v?(\d[\w.+-]*))?`)},
		{FileZilla, 0, regexp.MustCompile(`(?i)\bfilezilla server(?: version)?[ /]*(\d[\w.+-]*)?`)},
		{FileZilla, 215, regexp.MustCompile(`emulated by FileZilla`)},
		{IIS, 0, regexp.MustCompile(`Microsoft FTP Service(?: \(Version (\d[\w.]*)\))?`)},
		{Embedded, 220, regexp.MustCompile(`^pasv test server`)},
		// Servers that were told to hide their name.
		{VSFTPD, 214, regexp.MustCompile(`(?s)^The following commands are recognized\..*\nHelp OK\.$`)},
		{ProFTPD, 214, regexp.MustCompile(`(?s)\(\* =>'s unimplemented\).*Direct comments to `)},
		{Pyftpdlib, 214, regexp.MustCompile(`(?s)^The following commands are recognized:\n.*Help command successful\.$`)},
		{IIS, 215, regexp.MustCompile(`^Windows_NT\b`)},
	}
})

// RecognizeProduct tells which product sent the replies: the greeting, and
// where that says nothing the answers to HELP, SYST, FEAT or STAT. The first
// reply that tells decides; a later one may add the version.
func RecognizeProduct(replies ...Reply) Product {
	var p Product
	for _, r := range replies {
		for _, f := range fingerprints() {
			if f.code != 0 && f.code != r.Code || p.Name != "" && f.name != p.Name {
				continue
			}
			m := f.pattern.FindStringSubmatch(r.Text())
			if m == nil {
				continue
			}
			p.Name = f.name
			if len(m) > 1 && p.Version == "" {
				p.Version = strings.TrimRight(m[1], ".-+")
			}
			break
		}
		if p.Version != "" {
			break
		}
	}
	return p
}
