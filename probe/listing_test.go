package probe

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseListItem(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	at := func(year int, month time.Month, day, hour, minute int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		name, line string
		want       ListItem
	}{
		{"a file", "-rw-r--r--    1 1000     1000         4096 Nov 22 08:57 4k.bin", ListItem{'-', "-rw-r--r--", 4096, at(2026, 11, 22, 8, 57), "4k.bin", ""}},
		{"a directory", "drwxr-xr-x   2 me  us   4096 Nov 22 08:57 sub", ListItem{'d', "drwxr-xr-x", 4096, at(2026, 11, 22, 8, 57), "sub", ""}},
		{"a year", "-rw-r--r-- 1 me us 7 Nov 23  2023 old.txt", ListItem{'-', "-rw-r--r--", 7, at(2023, 11, 23, 0, 0), "old.txt", ""}},
		{"one digit of a day", "-rw-r--r-- 1 me us 7 Nov  3 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 3, 8, 57), "x", ""}},
		{"last year", "-rw-r--r-- 1 me us 7 Dec 24 18:00 x", ListItem{'-', "-rw-r--r--", 7, at(2025, 12, 24, 18, 0), "x", ""}},
		{"ahead by a time zone", "-rw-r--r-- 1 me us 7 Nov 22 22:00 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 22, 0), "x", ""}},
		{"the last leap day", "-rw-r--r-- 1 me us 7 Feb 29 12:00 x", ListItem{'-', "-rw-r--r--", 7, at(2024, 2, 29, 12, 0), "x", ""}},
		{"spaces in the name", "-rw-r--r-- 1 me us 7 Nov 22 08:57 two  words ", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "two  words ", ""}},
		{"a name that begins with spaces", "-rw-r--r-- 1 me us 7 Nov 22 08:57   x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "  x", ""}},
		{"a name like a date", "-rw-r--r-- 1 me us 7 Nov 22 08:57 7 Nov 22 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "7 Nov 22 08:57 x", ""}},
		{"a symbolic link", "lrwxrwxrwx 1 0 0 9 Nov 22 08:57 a b -> ../c -> d", ListItem{'l', "lrwxrwxrwx", 9, at(2026, 11, 22, 8, 57), "a b", "../c -> d"}},
		{"a symbolic link that does not say where to", "lrwxrwxrwx 1 0 0 9 Nov 22 08:57 a", ListItem{'l', "lrwxrwxrwx", 9, at(2026, 11, 22, 8, 57), "a", ""}},
		{"an arrow in the name of a file", "-rw-r--r-- 1 0 0 9 Nov 22 08:57 a -> b", ListItem{'-', "-rw-r--r--", 9, at(2026, 11, 22, 8, 57), "a -> b", ""}},
		{"a device", "crw-rw---- 1 root tty 4,  64 Nov 22 08:57 ttyS0", ListItem{'c', "crw-rw----", -1, at(2026, 11, 22, 8, 57), "ttyS0", ""}},
		{"a block device", "brw-rw---- 1 root disk 8, 0 Nov 22 08:57 sda", ListItem{'b', "brw-rw----", -1, at(2026, 11, 22, 8, 57), "sda", ""}},
		{"a pipe", "prw-r--r-- 1 0 0 0 Nov 22 08:57 p", ListItem{'p', "prw-r--r--", 0, at(2026, 11, 22, 8, 57), "p", ""}},
		{"a socket", "srwxr-xr-x 1 0 0 0 Nov 22 08:57 s", ListItem{'s', "srwxr-xr-x", 0, at(2026, 11, 22, 8, 57), "s", ""}},
		{"sticky, setuid, and an access list", "drwsr-sr-t+ 1 0 0 0 Nov 22 08:57 d", ListItem{'d', "drwsr-sr-t+", 0, at(2026, 11, 22, 8, 57), "d", ""}},
		{"no group", "-rw-r--r-- 1 me 7 Nov 22 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "x", ""}},
		{"a group of two words", "-rw-r--r-- 1 me domain users 7 Nov 22 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "x", ""}},
		{"an owner called like a month", "-rw-r--r-- 1 Nov 22 7 Nov 22 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "x", ""}},
		{"the day before the month", "-rw-r--r-- 1 me us 7 22 Nov 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "x", ""}},
		{"an ISO date", "-rw-r--r-- 1 me us 7 2026-11-22 08:57 x", ListItem{'-', "-rw-r--r--", 7, at(2026, 11, 22, 8, 57), "x", ""}},
		{"more than 4 GiB", "-rw-r--r-- 1 me us 4294968296 Nov 22 08:57 x", ListItem{'-', "-rw-r--r--", 4294968296, at(2026, 11, 22, 8, 57), "x", ""}},
		{"DOS, a file", "11-22-26  08:57AM                 4096 4k.bin", ListItem{'-', "", 4096, at(2026, 11, 22, 8, 57), "4k.bin", ""}},
		{"DOS, a directory", "11-22-26  08:57PM       <DIR>          two  words", ListItem{'d', "", -1, at(2026, 11, 22, 20, 57), "two  words", ""}},
		{"DOS, four digits of a year", "11-22-2026  08:57AM 7 x", ListItem{'-', "", 7, at(2026, 11, 22, 8, 57), "x", ""}},
		{"DOS, 24 hours", "11-22-99  18:57 7 x", ListItem{'-', "", 7, at(1999, 11, 22, 18, 57), "x", ""}},
	} {
		if got, err := ParseListItem(c.line, now); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	for _, line := range []string{
		"", " ", "total 12", "x", "-rw-r--r--", "-rw-r--r-- 1 me us 7 Nov 22 08:57", "-rw-r--r-- 1 me us 7 Nov 22 08:57 ",
		"-rw-r--r-- 1 me us Nov 22 08:57 x", "-rw-r--r-- 1 me us -7 Nov 22 08:57 x", "-rw-r--r-- 1 me us 7 Nov 31 08:57 x", "-rw-r--r-- 1 me us 7 Nov 22 24:57 x",
		"-rw-r--r-- 1 me us 7 Nov 22 08:57\tx", "-rw-r--r-- 1 me us 7 Nov 22 08:57 x\r", "-rw-r--r-- 1 me us 7 Nov 22 08:57 a\nb",
		"?rw-r--r-- 1 me us 7 Nov 22 08:57 x", "-rw-r--r-x- 1 me us 7 Nov 22 08:57 x", "-rw-r--r 1 me us 7 Nov 22 08:57 x", "lrwxrwxrwx 1 0 0 9 Nov 22 08:57  -> x",
		"11-22-26 08:57AM", "11-22-26 08:57AM 7", "11-22-26 08:57AM <DIR>", "13-22-26 08:57AM 7 x", "11-22-26 08:57AM x y", "226 Transfer complete.",
		"type=file; x", strings.Repeat("x ", 1<<20), "-rw-r--r-- " + strings.Repeat("7 ", 1<<20),
	} {
		if got, err := ParseListItem(line, now); err == nil || got != (ListItem{}) {
			t.Errorf("%.60q: %+v", line, got)
		}
	}
}

func TestParseListItemAtNewYear(t *testing.T) {
	const line = "-rw-r--r-- 1 me us 7 %s x"
	for _, c := range []struct {
		date string
		now  time.Time
		want int
	}{
		{"Jan  1 05:00", time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), 2027}, // the server is ahead of UTC
		{"Dec 31 23:59", time.Date(2027, 1, 1, 0, 1, 0, 0, time.UTC), 2026},
		{"Jan  3 05:00", time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), 2026},
		{"Feb 29 05:00", time.Date(1903, 12, 31, 23, 0, 0, 0, time.UTC), 1896}, // 1900 had none
	} {
		got, err := ParseListItem(fmt.Sprintf(line, c.date), c.now)
		if err != nil || got.Modified.Year() != c.want {
			t.Errorf("%s as seen on %v: %v, %v; want %d", c.date, c.now, got.Modified, err, c.want)
		}
	}
}

func TestListingsOfRealServers(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, listing := range recorded(t, "testdata/listings/*-list.txt") {
		items := map[string]ListItem{}
		for line := range strings.SplitSeq(strings.TrimSuffix(listing, "\r\n"), "\r\n") {
			item, err := ParseListItem(line, now)
			if err != nil {
				t.Errorf("%q: %v", line, err)
			}
			items[item.Name] = item
		}
		if len(items) != 10 || items["4k.bin"].Size != 4096 || items["sub"].Kind != 'd' || items["link"].Link != "hello.txt" ||
			items["two  words.txt"].Kind != '-' || items["café.txt"].Size != 7 || items["old.txt"].Modified.Year() != 2023 {
			t.Errorf("%+v", items)
		}
	}
}

// FuzzListing: what is read is in the line and within its bounds, and a line
// that is written as ls -l does is read.
func FuzzListing(f *testing.F) {
	for _, listing := range recorded(f, "testdata/listings/*-list.txt") {
		for line := range strings.SplitSeq(listing, "\r\n") {
			f.Add(line, uint32(4096))
		}
	}
	for _, s := range []string{"11-22-26  08:57AM       <DIR>          x", "11-22-26  08:57 7 x", "crw-rw---- 1 0 0 4, 64 Feb 29 08:57 x", "total 12", "-rw-r--r-- 1 a 7 2026-11-22 08:57 x"} {
		f.Add(s, uint32(0))
	}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, line string, size uint32) {
		item, err := ParseListItem(line, now)
		if err != nil && item != (ListItem{}) {
			t.Fatalf("%q: %+v, %v", line, item, err)
		}
		if err == nil {
			name := item.Name
			if item.Link != "" {
				name += " -> " + item.Link
			}
			stands := strings.HasSuffix(line, name) ||
				item.Kind == 'l' && item.Link == "" && strings.HasSuffix(line, name+" -> ") // leads nowhere
			if item.Name == "" || strings.ContainsAny(name, "\r\n\x00") || !stands {
				t.Fatalf("%q has the name %q", line, name)
			}
			if item.Size < -1 || item.Mode != "" && (item.Mode[0] != item.Kind || !strings.HasPrefix(strings.TrimLeft(line, " \t"), item.Mode)) {
				t.Fatalf("%q: %+v", line, item)
			}
		}
		name := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(line)
		if name == "" {
			return
		}
		written := fmt.Sprintf("-rw-r--r--   1 owner    group    %10d Nov 22 08:57 %s", size, name)
		if again, err := ParseListItem(written, now); err != nil || again.Name != name || again.Size != int64(size) {
			t.Fatalf("%q is read as %+v, %v", written, again, err)
		}
	})
}
