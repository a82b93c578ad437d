package scenarios

import (
	"fmt"
	"os"
)

// portsOfRange is the number of ports that outgoing connections can have, 0 when
// unknown. The range holds for IPv6, too.
func portsOfRange() int {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0
	}
	var first, last int
	if n, err := fmt.Sscan(string(b), &first, &last); n < 2 || err != nil || last < first {
		return 0
	}
	return last - first + 1
}
