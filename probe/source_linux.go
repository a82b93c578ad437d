package probe

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// bindLate has a connection that is bound to a source address get its port only
// when it is known where it goes (Linux 4.2): before, a port is taken from all
// connections of that address, and looked for slowly where many are used. A system
// that cannot do that does without.
func bindLate(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
}
