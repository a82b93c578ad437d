package ftptest

import (
	"fmt"
	"net/netip"
	"strings"
)

// pasvFaults are wrong forms of the 227 reply.
var pasvFaults = []Fault{
	{
		Name:    "pasv-unimplemented",
		About:   "PASV is answered 502, as if it were not implemented.",
		Catches: []string{"PASV-001", "MIN-001"},
		apply:   func(h *hooks) { h.override("PASV", (*session).unimplemented) },
	},
	{
		Name:    "pasv-five-numbers",
		About:   "The 227 reply has five numbers: the second one of the port is missing.",
		Catches: []string{"PASV-002"},
		apply: phrase227(func(ap netip.AddrPort) []string {
			numbers := hostPort(ap)
			return []string{fmt.Sprintf("Entering Passive Mode (%s).", numbers[:strings.LastIndexByte(numbers, ',')])}
		}),
	},
	{
		Name:    "pasv-no-parentheses",
		About:   "The numbers of the 227 reply are not in parentheses.",
		Catches: []string{"PASV-003"},
		apply: phrase227(func(ap netip.AddrPort) []string {
			return []string{"Entering Passive Mode " + hostPort(ap)}
		}),
	},
	{
		Name:    "pasv-digit-in-text",
		About:   "The 227 reply has a digit in its text, before the numbers in parentheses.",
		Catches: []string{"PASV-004"},
		apply: phrase227(func(ap netip.AddrPort) []string {
			return []string{fmt.Sprintf("Entering Passive Mode v2 (%s).", hostPort(ap))}
		}),
	},
	{
		Name:    "pasv-multi-line",
		About:   "The 227 reply has two lines, the numbers are in the first.",
		Catches: []string{"PASV-005"},
		apply: phrase227(func(ap netip.AddrPort) []string {
			return []string{fmt.Sprintf("Entering Passive Mode (%s).", hostPort(ap)), "Waiting."}
		}),
	},
	{
		Name:    "pasv-default-port",
		About:   "The 227 reply names the default data port, the control port minus one.",
		Catches: []string{"PASV-006"},
		apply: announce(func(s *session, ap netip.AddrPort) netip.AddrPort {
			return netip.AddrPortFrom(ap.Addr(), s.local.Port()-1)
		}),
	},
	{
		Name:    "pasv-port-zero",
		About:   "The 227 reply names port 0.",
		Catches: []string{"PASV-006"},
		apply: announce(func(_ *session, ap netip.AddrPort) netip.AddrPort {
			return netip.AddrPortFrom(ap.Addr(), 0)
		}),
	},
	{
		Name:    "pasv-mangled",
		About:   "The 227 reply has semicolons for commas: no client can read it.",
		Catches: []string{"PASV-002", "pasv-mangled"},
		apply: phrase227(func(ap netip.AddrPort) []string {
			return []string{fmt.Sprintf("Entering Passive Mode (%s).", strings.ReplaceAll(hostPort(ap), ",", ";"))}
		}),
	},
}

func phrase227(lines func(ap netip.AddrPort) []string) func(*hooks) {
	return func(h *hooks) {
		h.passive = func(ap netip.AddrPort) reply { return reply{227, lines(ap)} }
	}
}

// addressFaults name an address that the client cannot use.
var addressFaults = []Fault{
	{
		Name:    "pasv-address-zero",
		About:   "The 227 reply names the address 0.0.0.0.",
		Catches: []string{"PASV-007", "address-zero"},
		apply:   address("0.0.0.0"),
	},
	{
		Name:    "address-private",
		About:   "The 227 reply names 10.0.0.1, as a server behind NAT does.",
		Catches: []string{"PASV-007", "address-private"},
		apply:   address("10.0.0.1"),
	},
	{
		Name:    "address-loopback",
		About:   "The 227 reply names 127.0.0.1, which shows when the control connection is not on loopback itself.",
		Catches: []string{"address-loopback"},
		apply:   address("127.0.0.1"),
	},
	{
		Name:    "address-wrong",
		About:   "The 227 reply names 127.0.0.2, where nobody listens.",
		Catches: []string{"PASV-007", "address-wrong"},
		apply:   address("127.0.0.2"),
	},
}

func address(a string) func(*hooks) {
	return announce(func(_ *session, ap netip.AddrPort) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr(a), ap.Port())
	})
}

// announce makes f the last to change what 227 names.
func announce(f func(*session, netip.AddrPort) netip.AddrPort) func(*hooks) {
	return func(h *hooks) {
		before := h.announce
		h.announce = func(s *session, ap netip.AddrPort) netip.AddrPort {
			if before != nil {
				ap = before(s, ap)
			}
			return f(s, ap)
		}
	}
}
