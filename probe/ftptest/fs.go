package ftptest

import (
	"errors"
	"io"
	"io/fs"
	"syscall"
	"time"
)

// FS is the tree that a server serves. Paths are absolute and cleaned, with slashes: "/",
// "/pub/a". Implementations are safe for concurrent use. Errors wrap those of io/fs where they
// apply: fs.ErrNotExist, fs.ErrExist, fs.ErrPermission.
type FS interface {
	// Stat describes a file or directory.
	Stat(path string) (Info, error)
	// ReadDir describes what is in a directory, ordered by name, without "." and "..".
	ReadDir(path string) ([]Info, error)
	// Open opens a file for reading. What is stored under the path afterwards does not change
	// what is read.
	Open(path string) (File, error)
	// Create begins to store a file. Its first keep octets are those that the path has now:
	// 0 replaces the file, Append keeps all of it. More than the file has is ErrOffset.
	Create(path string, keep int64) (Upload, error)
	// Mkdir makes one directory.
	Mkdir(path string) error
	// Remove removes a file or an empty directory.
	Remove(path string) error
	// Rename moves a file or directory, and replaces a file that has the new name.
	Rename(from, to string) error
}

// Append as the keep of FS.Create keeps the whole file, however long it is.
const Append = -1

// Info describes a file or directory.
type Info struct {
	Name    string // the last element of the path; "/" for the root
	Dir     bool
	Size    int64 // octets; zero for directories
	ModTime time.Time
	Unique  string // the same for the same object (RFC 3659 §7.5.2)
}

// File is open for reading. One that is an *os.File is sent by the kernel alone.
type File interface {
	io.ReadSeekCloser
}

// Upload is a file that is being stored. It is not visible before Commit, except for what
// is appended.
type Upload interface {
	io.Writer
	// Commit makes the file visible.
	Commit() error
	// Discard drops the upload. After Commit it does nothing.
	Discard()
}

var (
	// ErrOffset is a restart beyond the end of the file.
	ErrOffset = errors.New("offset beyond the end of the file")
	// ErrDir is a directory where a file is needed.
	ErrDir = errors.New("is a directory")
	// ErrNotDir is a file where a directory is needed.
	ErrNotDir = errors.New("not a directory")
	// ErrNotEmpty is a directory with entries that was to be removed.
	ErrNotEmpty = errors.New("directory not empty")
)

// reason is what a client gets to know about err: no paths of this machine.
func reason(err error) string {
	for _, e := range []struct {
		err  error
		text string
	}{
		{fs.ErrNotExist, "no such file or directory"},
		{fs.ErrExist, "exists already"},
		{fs.ErrPermission, "permission denied"},
		{ErrOffset, ErrOffset.Error()},
		{ErrDir, ErrDir.Error()},
		{ErrNotDir, ErrNotDir.Error()},
		{ErrNotEmpty, ErrNotEmpty.Error()},
		{syscall.ENOSPC, "no space left"},
	} {
		if errors.Is(err, e.err) {
			return e.text
		}
	}
	return "not possible"
}
