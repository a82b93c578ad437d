package scenarios

import "os"

// filesOpen is the number of descriptors that this process has open. The system
// tells it as the size of the directory that lists them since Linux 6.2; before,
// they are counted.
func filesOpen() int {
	const list = "/proc/self/fd"
	if s, err := os.Stat(list); err == nil && s.Size() > 0 {
		return int(s.Size())
	}
	d, err := os.Open(list)
	if err != nil {
		return 0
	}
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(0)
	return max(len(names)-1, 0) // without that of the directory
}
