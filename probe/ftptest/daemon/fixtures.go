package daemon

import (
	"math/rand/v2"
	"os"
	"path/filepath"
)

// writeFixtures fills the account with the tree that package ftptest's server has too.
func (d *Daemon) writeFixtures() error {
	if err := os.Chown(d.Root, accountUID, accountGID); err != nil {
		return err
	}
	random := rand.NewChaCha8([32]byte{})
	noise := func(n int) []byte {
		b := make([]byte, n)
		_, _ = random.Read(b) // never fails
		return b
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{
		{"pub/hello.txt", []byte("Hello, passive world.\nThis is the second line.\n")},
		{"pub/4k.bin", noise(4 << 10)},
		{"pub/1m.bin", noise(1 << 20)},
		{"pub/empty.bin", nil},
		{"pub/sub/note.txt", []byte("A file in a folder in a folder.\n")},
	} {
		if err := d.WriteFile(f.name, f.content); err != nil {
			return err
		}
	}
	empty := filepath.Join(d.Root, "pub", "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		return err
	}
	return os.Chown(empty, accountUID, accountGID)
}
