package ftptest

import "syscall"

// soOOBInline is SO_OOBINLINE of winsock2.h.
const soOOBInline = 0x100

func setInline(fd uintptr) {
	syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, soOOBInline, 1)
}
