package daemon

import (
	"fmt"
	"path/filepath"
	"strings"
)

// vsftpd knows passwords only through PAM, so the account is a guest of nobody's
// whose password stands in a file for pam_pwdfile.
func vsftpd(c settings) setup {
	conf := &strings.Builder{}
	set := func(key string, value any) { fmt.Fprintf(conf, "%s=%v\n", key, value) }
	toggle := func(key string, on bool) { set(key, map[bool]string{true: "YES", false: "NO"}[on]) }

	if c.addr.Is4() {
		toggle("listen", true)
		set("listen_address", c.addr)
	} else {
		toggle("listen", false)
		toggle("listen_ipv6", true)
		set("listen_address6", c.addr)
	}
	set("listen_port", c.port)
	toggle("background", false)
	set("max_clients", 0)
	set("max_per_ip", 0)

	toggle("anonymous_enable", false)
	toggle("local_enable", true)
	toggle("guest_enable", true)
	set("guest_username", "nobody")
	toggle("virtual_use_local_privs", true)
	set("pam_service_name", "vsftpd")
	toggle("chroot_local_user", true)
	toggle("allow_writeable_chroot", true)
	set("local_root", "/mnt/home")
	set("secure_chroot_dir", "/mnt/empty")
	toggle("write_enable", true)
	set("local_umask", "022")
	set("delay_failed_login", 0)
	set("delay_successful_login", 0)

	set("pasv_min_port", c.first)
	set("pasv_max_port", c.last)
	if c.Advertise != "" {
		set("pasv_address", c.Advertise)
	}

	// Its own sandbox gets in the way of ours, and adds nothing to a test.
	toggle("seccomp_sandbox", false)
	toggle("isolate", false)
	toggle("isolate_network", false)
	toggle("xferlog_enable", false)
	set("vsftpd_log_file", "/mnt/log/vsftpd.log")

	if c.TLS {
		toggle("ssl_enable", true)
		toggle("ssl_tlsv1", true)
		set("rsa_cert_file", "/mnt/etc/cert.pem")
		set("rsa_private_key_file", "/mnt/etc/key.pem")
		set("ssl_ciphers", "HIGH")
		toggle("force_local_logins_ssl", false)
		toggle("force_local_data_ssl", false)
		toggle("require_ssl_reuse", c.RequireReuse)
	}

	module := "pam_pwdfile.so"
	for _, pattern := range []string{"lib/*/security", "usr/lib/*/security"} {
		// The pattern is well-formed.
		if found, _ := filepath.Glob(filepath.Join(c.pkg, pattern, module)); len(found) > 0 {
			module = "/mnt/pkg" + strings.TrimPrefix(found[0], c.pkg)
			break
		}
	}
	return setup{
		files: map[string]string{
			"vsftpd.conf":       conf.String(),
			"passwd":            user + ":" + passHash + "\n",
			"over/pam.d/vsftpd": "auth required " + module + " nodelay pwdfile=/mnt/etc/passwd\naccount required pam_permit.so\n",
			// It enters the home of the guest's user first, and nobody's does not exist.
			"over/passwd": fmt.Sprintf("root:x:0:0::/:/bin/sh\nnobody:x:%d:%d::/mnt/home:/bin/false\n", accountUID, accountGID),
		},
		argv: []string{"/mnt/pkg/usr/sbin/vsftpd", "/mnt/etc/vsftpd.conf"},
	}
}
