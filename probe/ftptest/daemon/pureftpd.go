package daemon

import "fmt"

// pureftpd reads virtual users from a database that pure-pw makes from a text file.
func pureftpd(c settings) setup {
	args := []string{
		"-4",
		"-S", fmt.Sprintf("%s,%d", c.addr, c.port),
		"-p", fmt.Sprintf("%d:%d", c.first, c.last),
		"-l", "puredb:/mnt/run/users.pdb",
		"-A", "-E", "-H", // chroot everyone, nobody anonymous, no DNS
		"-c", "10000", "-C", "10000", // sessions in all and per address
		"-f", "none", // no syslog
		"-U", "022:022",
	}
	if c.addr.Is6() {
		args[0] = "-6"
	}
	if c.Advertise != "" {
		args = append(args, "-P", c.Advertise)
	}
	if c.TLS {
		args = append(args, "-Y", "1", "-2", "/mnt/etc/cert.pem,/mnt/etc/key.pem")
	}
	passwd := fmt.Sprintf("%s:%s:%d:%d::/mnt/home/./::::::::::::\n", user, passHash, accountUID, accountGID)
	make := "pure-pw mkdb /mnt/run/users.pdb -f /mnt/etc/passwd && exec pure-ftpd \"$@\""
	return setup{
		files: map[string]string{"passwd": passwd},
		argv:  append([]string{"/bin/sh", "-c", make, "sh"}, args...),
	}
}
