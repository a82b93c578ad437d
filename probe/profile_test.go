package probe

import (
	"net/netip"
	"slices"
	"testing"
)

func profileNamed(t *testing.T, name string) Profile {
	t.Helper()
	i := slices.IndexFunc(Profiles(), func(p Profile) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("no profile %s", name)
	}
	return Profiles()[i]
}

func TestProfileCommands(t *testing.T) {
	v4, mapped, v6 := netip.MustParseAddrPort("192.0.2.1:21"), netip.MustParseAddrPort("[::ffff:192.0.2.1]:21"), netip.MustParseAddrPort("[2001:db8::1]:21")
	for name, want := range map[string][]string{
		"curl":        {"EPSV", "PASV"},
		"lftp":        {"PASV"},
		"python":      {"PASV"},
		"commons-net": {"PASV"},
		"fluentftp":   {"EPSV", "PASV"},
	} {
		p := profileNamed(t, name)
		if got := p.Commands(v4); !slices.Equal(got, want) || !slices.Equal(p.Commands(mapped), want) {
			t.Errorf("%s on IPv4: %v, want %v", name, got, want)
		}
		if got := p.Commands(v6); !slices.Equal(got, []string{"EPSV"}) {
			t.Errorf("%s on IPv6: %v", name, got)
		}
	}
	if len(Profiles()) != 5 {
		t.Errorf("%d profiles", len(Profiles()))
	}
}

func TestProfileDial(t *testing.T) {
	const public, private, loopback = "198.51.100.7:21", "10.0.0.7:21", "127.0.0.1:21"
	for _, c := range []struct {
		name, advertised, peer string
		control                []string // who dials the control connection's address, not the advertised one
	}{
		{"its own public address", "198.51.100.7", public, nil},
		{"another public address", "203.0.113.9", public, []string{"curl", "python", "commons-net"}},
		{"a private address behind NAT", "10.0.0.7", public, []string{"curl", "lftp", "python", "commons-net", "fluentftp"}},
		{"another private address behind NAT", "172.16.0.7", public, []string{"curl", "lftp", "python", "commons-net", "fluentftp"}},
		{"a private address in a private network", "10.0.0.9", private, []string{"curl", "python", "commons-net", "fluentftp"}},
		{"a public address in a private network", "203.0.113.9", private, []string{"curl", "lftp", "python", "commons-net"}},
		{"0.0.0.0", "0.0.0.0", public, []string{"curl", "lftp", "python", "commons-net", "fluentftp"}},
		{"loopback", "127.0.0.1", public, []string{"curl", "lftp", "python", "commons-net", "fluentftp"}},
		{"another address of loopback", "127.0.0.2", loopback, []string{"curl", "python", "commons-net"}},
		{"nothing, as in a 229", "", public, []string{"curl", "lftp", "python", "commons-net", "fluentftp"}},
		{"an IPv4 address over IPv6", "198.51.100.7", "[2001:db8::1]:21", []string{"curl", "python", "commons-net"}},
	} {
		offer := Offer{Advertised: Endpoint{Port: 50000}}
		if c.advertised != "" {
			offer.Advertised.Addr = netip.MustParseAddr(c.advertised)
		}
		peer := netip.MustParseAddrPort(c.peer)
		for _, p := range Profiles() {
			want := offer.Advertised.Addr
			if slices.Contains(c.control, p.Name) {
				want = peer.Addr()
			}
			if got := p.Dial(offer, peer); got != netip.AddrPortFrom(want, 50000) {
				t.Errorf("%s, %s: dials %v, want %v", c.name, p.Name, got, want)
			}
		}
	}
	trusting := Profile{}
	if got := trusting.Dial(Offer{Advertised: v4(1)}, netip.MustParseAddrPort(public)); got != netip.MustParseAddrPort("127.0.0.1:1") {
		t.Errorf("the zero profile dials %v", got)
	}
}
