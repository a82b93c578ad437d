package probe

import (
	"syscall"

	"golang.org/x/sys/windows"
)

var (
	errnoRefused     = []syscall.Errno{windows.WSAECONNREFUSED}
	errnoReset       = []syscall.Errno{windows.WSAECONNRESET, windows.WSAECONNABORTED}
	errnoUnreachable = []syscall.Errno{windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEHOSTDOWN, windows.WSAEACCES}
	errnoLocal       = []syscall.Errno{windows.WSAEMFILE, windows.WSAENOBUFS, windows.WSAEADDRNOTAVAIL, windows.WSAEADDRINUSE}
)
