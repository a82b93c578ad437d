package daemon

import "fmt"

// Kind is one of the real FTP servers.
type Kind int

// The servers, in the order of All.
const (
	VSFTPD Kind = iota
	ProFTPD
	PureFTPd
	Pyftpdlib
)

// flavour is how one kind is got and started.
type flavour struct {
	name     string
	packages []string // of Debian; what they depend on comes along
	reuse    bool     // it can demand TLS session resumption on data connections
	setup    func(settings) setup
}

// setup is one start of a daemon: the files below /mnt/etc that it reads, the
// environment besides PATH and LD_LIBRARY_PATH, and the command that stays in the foreground.
type setup struct {
	files map[string]string
	env   []string
	argv  []string
}

var flavours = []flavour{
	VSFTPD:    {name: "vsftpd", packages: []string{"vsftpd", "libpam-pwdfile"}, reuse: true, setup: vsftpd},
	ProFTPD:   {name: "proftpd", packages: []string{"proftpd-core", "proftpd-mod-crypto"}, reuse: true, setup: proftpd},
	PureFTPd:  {name: "pure-ftpd", packages: []string{"pure-ftpd"}, setup: pureftpd},
	Pyftpdlib: {name: "pyftpdlib", packages: []string{"python3-pyftpdlib", "python3-openssl"}, setup: pyftpdlib},
}

// All returns every kind.
func All() []Kind {
	return []Kind{VSFTPD, ProFTPD, PureFTPd, Pyftpdlib}
}

// String returns the name by which the server is known to its users.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(flavours) {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return flavours[k].name
}
