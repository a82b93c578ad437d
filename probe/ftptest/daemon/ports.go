package daemon

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// errPortTaken means that another block of ports is worth a try.
var errPortTaken = errors.New("control port taken")

const (
	firstPort = 10000 // below it live well-known services
	blockSize = 512   // the control port and the passive ports of one daemon; Pure-FTPd allows one session per two ports
)

// block is a run of ports that no other daemon of this user has, in this
// process or another. The lock on its file is the claim; it ends with the process.
type block struct {
	first, last uint16
	lock        *os.File
}

// claimPorts takes a free block outside the range from which the kernel serves
// outgoing connections, as long as there is one.
func claimPorts() (block, error) {
	base, err := cacheDir()
	if err != nil {
		return block{}, err
	}
	dir := filepath.Join(base, "ports")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return block{}, err
	}
	var starts, fallback []int
	low, high := ephemeralPorts()
	for p := firstPort; p+blockSize-1 <= 65535; p += blockSize {
		if p+blockSize-1 < low || p > high {
			starts = append(starts, p)
		} else {
			fallback = append(fallback, p)
		}
	}
	if len(starts) == 0 {
		starts = fallback
	}
	// At random, because ports just given back may be waiting for late packets.
	for _, i := range rand.Perm(len(starts)) {
		lock, err := tryLock(filepath.Join(dir, fmt.Sprint(starts[i])))
		if err != nil {
			return block{}, err
		}
		if lock != nil {
			return block{first: uint16(starts[i]), last: uint16(starts[i] + blockSize - 1), lock: lock}, nil
		}
	}
	return block{}, errors.New("every block of ports is in use by another daemon")
}

// release gives the ports back.
func (b block) release() { _ = b.lock.Close() }

// ephemeralPorts returns the range for outgoing connections, Linux's default where it cannot be read.
func ephemeralPorts() (low, high int) {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		if n, _ := fmt.Sscan(string(b), &low, &high); n == 2 {
			return low, high
		}
	}
	return 32768, 60999
}
