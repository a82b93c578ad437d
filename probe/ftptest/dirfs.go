package ftptest

import (
	"cmp"
	"crypto/rand"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Directory is a directory of this machine as a tree. Paths cannot leave it, neither by ".." nor
// by symbolic links (os.Root).
type Directory struct{ root *os.Root }

// Dir opens a directory.
func Dir(path string) (*Directory, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Directory{root}, nil
}

// Close releases the directory. Transfers that run go on.
func (d *Directory) Close() error { return d.root.Close() }

// uploadPrefix begins the names of files that are not complete. They are not listed.
const uploadPrefix = ".pasv-upload-"

// local is a path in the terms of os.Root.
func local(name string) string { return cmp.Or(strings.TrimPrefix(path.Clean(name), "/"), ".") }

// Stat implements FS.
func (d *Directory) Stat(name string) (Info, error) {
	fi, err := d.root.Stat(local(name))
	if err != nil {
		return Info{}, err
	}
	return describe(name, fi), nil
}

func describe(name string, fi fs.FileInfo) Info {
	info := Info{Name: path.Base(name), Dir: fi.IsDir(), ModTime: fi.ModTime(), Unique: unique(name, fi)}
	if !info.Dir {
		info.Size = fi.Size()
	}
	return info
}

// ReadDir implements FS. Symbolic links are what they point to; those that point nowhere, or
// out of the directory, are left out, and so are devices and the like.
func (d *Directory) ReadDir(name string) ([]Info, error) {
	dir, err := d.root.Open(local(name))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	list := make([]Info, 0, len(names))
	for _, n := range names {
		if strings.HasPrefix(n, uploadPrefix) {
			continue
		}
		full := path.Join(name, n)
		fi, err := d.root.Stat(local(full))
		if err != nil || !fi.IsDir() && !fi.Mode().IsRegular() {
			continue
		}
		list = append(list, describe(full, fi))
	}
	sortByName(list)
	return list, nil
}

// Open implements FS. Only regular files are opened: a pipe would wait for its other end.
func (d *Directory) Open(name string) (File, error) {
	if err := d.regular(name); err != nil {
		return nil, err
	}
	f, err := d.root.Open(local(name))
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *Directory) regular(name string) error {
	fi, err := d.root.Stat(local(name))
	switch {
	case err != nil:
		return err
	case fi.IsDir():
		return ErrDir
	case !fi.Mode().IsRegular():
		return fs.ErrPermission
	}
	return nil
}

// Create implements FS. A file that is replaced is written under another name and then renamed,
// so that whoever reads the old one can finish.
func (d *Directory) Create(name string, keep int64) (Upload, error) {
	err := d.regular(name)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if keep == 0 || keep == Append && err != nil {
		part := path.Join(path.Dir(name), uploadPrefix+rand.Text())
		f, err := d.root.OpenFile(local(part), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if err != nil {
			return nil, err
		}
		return &directoryUpload{File: f, dir: d, part: part, name: name}, nil
	}
	if err != nil {
		return nil, ErrOffset
	}
	flag := os.O_WRONLY
	if keep == Append {
		flag |= os.O_APPEND
	}
	f, err := d.root.OpenFile(local(name), flag, 0)
	if err != nil {
		return nil, err
	}
	if keep > 0 {
		if err := restart(f, keep); err != nil {
			f.Close()
			return nil, err
		}
	}
	return &directoryUpload{File: f, dir: d}, nil
}

// restart cuts f after keep octets and goes on there.
func restart(f *os.File, keep int64) error {
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if keep > fi.Size() {
		return ErrOffset
	}
	if err := f.Truncate(keep); err != nil {
		return err
	}
	_, err = f.Seek(keep, 0)
	return err
}

// Mkdir implements FS.
func (d *Directory) Mkdir(name string) error { return d.root.Mkdir(local(name), 0o777) }

// Remove implements FS.
func (d *Directory) Remove(name string) error {
	err := d.root.Remove(local(name))
	if err != nil {
		if list, e := d.ReadDir(name); e == nil && len(list) > 0 {
			return ErrNotEmpty
		}
	}
	return err
}

// Rename implements FS.
func (d *Directory) Rename(from, to string) error {
	if fi, err := d.root.Stat(local(to)); err == nil && fi.IsDir() && path.Clean(from) != path.Clean(to) {
		return fs.ErrExist
	}
	return d.root.Rename(local(from), local(to))
}

// directoryUpload is written under the name part and gets its own by Commit. Without part it is
// written in place.
type directoryUpload struct {
	*os.File
	dir        *Directory
	part, name string
	closed     bool
}

func (u *directoryUpload) Commit() error {
	u.closed = true
	if err := u.Close(); err != nil {
		u.remove()
		return err
	}
	if u.part == "" {
		return nil
	}
	if err := u.dir.root.Rename(local(u.part), local(u.name)); err != nil {
		u.remove()
		return err
	}
	return nil
}

func (u *directoryUpload) Discard() {
	if u.closed {
		return
	}
	u.closed = true
	u.Close()
	u.remove()
}

func (u *directoryUpload) remove() {
	if u.part != "" {
		_ = u.dir.root.Remove(local(u.part))
	}
}
