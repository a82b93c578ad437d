package daemon

import (
	"fmt"
	"strings"
)

// proftpd keeps the account in a file of its own and asks nobody else: no PAM, no DNS, no ident.
func proftpd(c settings) setup {
	conf := &strings.Builder{}
	line := func(format string, args ...any) { fmt.Fprintf(conf, format+"\n", args...) }

	line("ModulePath /mnt/pkg/usr/lib/proftpd")
	line("ServerName localhost")
	line("ServerType standalone")
	line("UseIPv6 %s", map[bool]string{true: "off", false: "on"}[c.addr.Is4()])
	line("DefaultAddress %s", c.addr)
	line("SocketBindTight on")
	line("Port %d", c.port)
	line("MaxInstances none")
	line("UseReverseDNS off")
	line("DelayEngine off")
	line("User nobody\nGroup nogroup")

	line("AuthOrder mod_auth_file.c")
	line("AuthUserFile /mnt/etc/passwd")
	line("RequireValidShell off")
	line("DefaultRoot /mnt/home")
	line("AllowOverwrite on")
	line("AllowStoreRestart on")
	line("AllowRetrieveRestart on")
	line("Umask 022")

	line("PassivePorts %d %d", c.first, c.last)
	if c.Advertise != "" {
		line("MasqueradeAddress %s", c.Advertise)
	}

	line("PidFile /mnt/run/pid")
	line("ScoreboardFile /mnt/run/scoreboard")
	line("SystemLog /mnt/log/system")
	line("TransferLog none")
	line("WtmpLog off")

	if c.TLS {
		line("LoadModule mod_tls.c")
		line("TLSEngine on")
		line("TLSRequired off")
		line("TLSLog /mnt/log/tls")
		line("TLSECCertificateFile /mnt/etc/cert.pem")
		line("TLSECCertificateKeyFile /mnt/etc/key.pem")
		line("TLSVerifyClient off")
		if !c.RequireReuse {
			line("TLSOptions NoSessionReuseRequired")
		}
	}
	return setup{
		files: map[string]string{
			"proftpd.conf": conf.String(),
			"passwd":       fmt.Sprintf("%s:%s:%d:%d::/mnt/home:/bin/false\n", user, passHash, accountUID, accountGID),
		},
		argv: []string{"/mnt/pkg/usr/sbin/proftpd", "-n", "-c", "/mnt/etc/proftpd.conf"},
	}
}
