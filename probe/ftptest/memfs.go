package ftptest

import (
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Memory is a tree of files in memory.
type Memory struct {
	mu   sync.RWMutex
	root *node
	last uint64 // id given last
}

type node struct {
	id       uint64
	children map[string]*node // nil: a file
	data     blob
	modTime  time.Time
}

// fixtureTime is the modification time of the fixtures.
var fixtureTime = time.Date(2024, time.February, 29, 12, 30, 45, 0, time.UTC)

// NewMemory returns a tree with the fixtures that checks and loads expect:
//
//	/pub/hello.txt      three lines that end in LF
//	/pub/4k.bin         4 KiB of all octets, the same in every run
//	/pub/1m.bin         1 MiB of the same kind
//	/pub/empty.bin      nothing
//	/pub/empty/         an empty directory
//	/pub/sub/inner.txt  one line
func NewMemory() *Memory {
	m := &Memory{root: &node{id: 1, children: map[string]*node{}, modTime: fixtureTime}, last: 1}
	for _, dir := range []string{"/pub", "/pub/empty", "/pub/sub"} {
		_ = m.Mkdir(dir)
	}
	_ = m.WriteFile("/pub/hello.txt", []byte("Hello, this is a text file.\nIts lines end in LF.\nGoodbye.\n"))
	_ = m.WriteFile("/pub/4k.bin", noise(4<<10))
	_ = m.WriteFile("/pub/1m.bin", noise(1<<20))
	_ = m.WriteFile("/pub/empty.bin", nil)
	_ = m.WriteFile("/pub/sub/inner.txt", []byte("This file is in a subdirectory.\n"))
	m.root.backdate()
	return m
}

// noise is the same pseudo-random octets each time.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte([]byte("pasv fixtures: always the same.."))).Read(b)
	return b
}

func (n *node) backdate() {
	n.modTime = fixtureTime
	for _, c := range n.children {
		c.backdate()
	}
}

// WriteFile stores a file at once. The directory must exist.
func (m *Memory) WriteFile(path string, data []byte) error {
	return m.put(path, 0, blob{}.add(slices.Clone(data)))
}

// WriteZeros stores a file of size octets that are all zero, without using memory for them.
func (m *Memory) WriteZeros(path string, size int64) error {
	var b blob
	zeros := make([]byte, 1<<20)
	for size > 0 {
		n := min(size, int64(len(zeros)))
		b = b.add(zeros[:n:n])
		size -= n
	}
	return m.put(path, 0, b)
}

// find returns the node of a path.
func (m *Memory) find(path string) (*node, error) {
	n := m.root
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name == "" {
			continue
		}
		if n.children == nil {
			return nil, ErrNotDir
		}
		if n = n.children[name]; n == nil {
			return nil, fs.ErrNotExist
		}
	}
	return n, nil
}

// parent returns the directory of a path, and the last element of the path.
func (m *Memory) parent(name string) (*node, string, error) {
	dir, base := path.Split(path.Clean(name))
	if base == "" {
		return nil, "", fs.ErrPermission
	}
	n, err := m.find(dir)
	if err != nil {
		return nil, "", err
	}
	if n.children == nil {
		return nil, "", ErrNotDir
	}
	return n, base, nil
}

func (m *Memory) newNode() *node {
	m.last++
	return &node{id: m.last, modTime: time.Now()}
}

func (n *node) info(name string) Info {
	return Info{Name: name, Dir: n.children != nil, Size: n.data.size, ModTime: n.modTime, Unique: strconv.FormatUint(n.id, 36)}
}

// Stat implements FS.
func (m *Memory) Stat(name string) (Info, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n, err := m.find(name)
	if err != nil {
		return Info{}, err
	}
	return n.info(path.Base(name)), nil
}

// ReadDir implements FS.
func (m *Memory) ReadDir(name string) ([]Info, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n, err := m.find(name)
	if err != nil {
		return nil, err
	}
	if n.children == nil {
		return nil, ErrNotDir
	}
	list := make([]Info, 0, len(n.children))
	for name, c := range n.children {
		list = append(list, c.info(name))
	}
	sortByName(list)
	return list, nil
}

func sortByName(list []Info) {
	slices.SortFunc(list, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
}

// Open implements FS.
func (m *Memory) Open(name string) (File, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n, err := m.find(name)
	if err != nil {
		return nil, err
	}
	if n.children != nil {
		return nil, ErrDir
	}
	return &memoryFile{blob: n.data}, nil
}

// Create implements FS.
func (m *Memory) Create(name string, keep int64) (Upload, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	dir, base, err := m.parent(name)
	if err != nil {
		return nil, err
	}
	var size int64
	if n := dir.children[base]; n != nil {
		if n.children != nil {
			return nil, ErrDir
		}
		size = n.data.size
	}
	if keep > size {
		return nil, ErrOffset
	}
	return &memoryUpload{fs: m, path: name, keep: keep}, nil
}

// put makes data, after the first keep octets of what is there, the content of a path.
func (m *Memory) put(name string, keep int64, data blob) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(name)
	if err != nil {
		return err
	}
	n := dir.children[base]
	switch {
	case n == nil:
		n = m.newNode()
		dir.children[base] = n
		dir.modTime = n.modTime
	case n.children != nil:
		return ErrDir
	}
	if keep == Append {
		keep = n.data.size
	}
	if keep > n.data.size {
		return ErrOffset
	}
	n.data = n.data.prefix(keep).join(data)
	n.modTime = time.Now()
	return nil
}

// Mkdir implements FS.
func (m *Memory) Mkdir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if path.Clean(name) == "/" {
		return fs.ErrExist
	}
	dir, base, err := m.parent(name)
	if err != nil {
		return err
	}
	if dir.children[base] != nil {
		return fs.ErrExist
	}
	n := m.newNode()
	n.children = map[string]*node{}
	dir.children[base] = n
	dir.modTime = n.modTime
	return nil
}

// Remove implements FS.
func (m *Memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(name)
	if err != nil {
		return err
	}
	n := dir.children[base]
	switch {
	case n == nil:
		return fs.ErrNotExist
	case len(n.children) > 0:
		return ErrNotEmpty
	}
	delete(dir.children, base)
	dir.modTime = time.Now()
	return nil
}

// Rename implements FS.
func (m *Memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	oldDir, oldBase, err := m.parent(from)
	if err != nil {
		return err
	}
	n := oldDir.children[oldBase]
	if n == nil {
		return fs.ErrNotExist
	}
	newDir, newBase, err := m.parent(to)
	if err != nil {
		return err
	}
	switch target := newDir.children[newBase]; {
	case target == n:
		return nil
	case target != nil && (target.children != nil || n.children != nil):
		return fs.ErrExist
	case n.children != nil && strings.HasPrefix(path.Clean(to)+"/", path.Clean(from)+"/"):
		return fs.ErrPermission // into itself
	}
	delete(oldDir.children, oldBase)
	newDir.children[newBase] = n
	oldDir.modTime = time.Now()
	newDir.modTime = oldDir.modTime
	return nil
}

// memoryFile reads a blob, which nobody changes.
type memoryFile struct {
	blob
	at int64
}

func (f *memoryFile) Close() error { return nil }

func (f *memoryFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, fs.ErrInvalid
	}
	f.at = offset
	return offset, nil
}

func (f *memoryFile) Read(p []byte) (int, error) {
	chunk := f.from(f.at)
	if len(chunk) == 0 {
		return 0, io.EOF
	}
	n := copy(p, chunk)
	f.at += int64(n)
	return n, nil
}

// WriteTo writes whole chunks, so that large files take few system calls.
func (f *memoryFile) WriteTo(w io.Writer) (total int64, err error) {
	for {
		chunk := f.from(f.at)
		if len(chunk) == 0 {
			return total, nil
		}
		n, err := w.Write(chunk)
		f.at += int64(n)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

type memoryUpload struct {
	fs   *Memory
	path string
	keep int64
	data blob
}

// largestChunk bounds the pieces of a blob: large enough for few system calls, small enough
// that the last one wastes little.
const largestChunk = 1 << 20

func (u *memoryUpload) Write(p []byte) (int, error) {
	n := len(p)
	if i := len(u.data.chunks) - 1; i >= 0 {
		c := &u.data.chunks[i]
		some := min(len(p), cap(*c)-len(*c))
		*c = append(*c, p[:some]...)
		u.data.size += int64(some)
		p = p[some:]
	}
	if len(p) > 0 {
		// As much again as there is, so that a long row of short writes makes few chunks.
		chunk := make([]byte, 0, max(len(p), int(min(u.data.size, largestChunk))))
		u.data = u.data.add(append(chunk, p...))
	}
	return n, nil
}

func (u *memoryUpload) Commit() error { return u.fs.put(u.path, u.keep, u.data) }

func (u *memoryUpload) Discard() { u.data = blob{} }
