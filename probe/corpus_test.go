package probe

import (
	"embed"
	"io/fs"
	"testing"
)

// What real servers answered; testdata/README.md says how it was recorded.
//
//go:embed testdata
var testdata embed.FS

// saidByServers is the recorded replies, a file per server.
func saidByServers(tb testing.TB) []string { return recorded(tb, "testdata/replies/*.txt") }

func recorded(tb testing.TB, pattern string) []string {
	tb.Helper()
	names, err := fs.Glob(testdata, pattern)
	if err != nil || len(names) == 0 {
		tb.Fatalf("%s: %v", pattern, err)
	}
	var all []string
	for _, name := range names {
		b, err := testdata.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, string(b))
	}
	return all
}

// replies is every recorded reply with the code.
func replies(tb testing.TB, code int) []Reply {
	tb.Helper()
	var found []Reply
	for _, s := range saidByServers(tb) {
		all, err := parse(Limits{}, s)
		if err != nil {
			tb.Fatal(err)
		}
		for _, r := range all {
			if r.Code == code {
				found = append(found, r)
			}
		}
	}
	if len(found) == 0 {
		tb.Fatalf("no server answered %d", code)
	}
	return found
}
