//go:build !unix && !windows

package ftptest

func setInline(uintptr) {}
