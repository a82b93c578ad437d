//go:build unix

package ftptest

import (
	"io/fs"
	"strconv"
	"syscall"
)

// unique is the device and inode number of a file.
func unique(_ string, fi fs.FileInfo) string {
	st := fi.Sys().(*syscall.Stat_t)
	return strconv.FormatUint(uint64(st.Dev), 16) + "g" + strconv.FormatUint(uint64(st.Ino), 16)
}
