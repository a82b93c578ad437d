//go:build !unix

package ftptest

import (
	"hash/fnv"
	"io/fs"
	"path"
	"strconv"
)

// unique is a hash of the path, which here is the only name that a file has.
func unique(name string, _ fs.FileInfo) string {
	h := fnv.New64a()
	h.Write([]byte(path.Clean(name)))
	return strconv.FormatUint(h.Sum64(), 16)
}
