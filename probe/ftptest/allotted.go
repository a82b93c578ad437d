package ftptest

import (
	"sync/atomic"
	"syscall"
)

// allotted is a tree in which what is stored may not have more octets than most,
// together.
type allotted struct {
	FS
	most int64
	used atomic.Int64
}

func (a *allotted) Create(path string, keep int64) (Upload, error) {
	replaced := a.size(path)
	if keep == Append || keep > replaced {
		keep = replaced
	}
	u, err := a.FS.Create(path, keep)
	if err != nil {
		return nil, err
	}
	return &allotment{Upload: u, from: a, frees: replaced - keep}, nil
}

func (a *allotted) Remove(path string) error {
	size := a.size(path)
	err := a.FS.Remove(path)
	if err == nil {
		a.used.Add(-size)
	}
	return err
}

func (a *allotted) Rename(from, to string) error {
	replaced := a.size(to)
	err := a.FS.Rename(from, to)
	if err == nil {
		a.used.Add(-replaced)
	}
	return err
}

// size is that of a file, zero of anything else.
func (a *allotted) size(path string) int64 {
	info, err := a.FS.Stat(path)
	if err != nil || info.Dir {
		return 0
	}
	return info.Size
}

// allotment is an upload that takes of what is left.
type allotment struct {
	Upload
	from         *allotted
	frees, taken int64 // octets, once it is there
}

func (u *allotment) Write(p []byte) (int, error) {
	n := int64(len(p))
	if u.from.used.Add(n) > u.from.most {
		u.from.used.Add(-n)
		return 0, syscall.ENOSPC
	}
	u.taken += n
	return u.Upload.Write(p)
}

func (u *allotment) Commit() error {
	err := u.Upload.Commit()
	if err == nil {
		u.from.used.Add(-u.frees)
		u.taken = 0
	}
	return err
}

func (u *allotment) Discard() {
	u.Upload.Discard()
	u.from.used.Add(-u.taken)
	u.taken = 0
}
