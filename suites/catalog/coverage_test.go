package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/catalog"
)

var update = flag.Bool("update", false, "write coverage.md anew")

// remarks are on rows of the catalogue that are judged in another way than they
// were written, or by another requirement.
var remarks = map[string]string{
	"CTL-001":  "no greeting at all, or one that is no reply, ends the run as unreachable (exit 3)",
	"CTL-002":  "judged when something harmless makes the server say 421; more is tried with --slow and --intrusive",
	"CTL-004":  "a bare code as the last line is tolerated: no text names the case",
	"CTL-010":  "only exchanges that can be put to their command with certainty; the greeting is CTL-001's, a second 1yz CTL-008's",
	"CTL-025":  "a second, idle session measures the timeout, so that nothing has to be declared",
	"DIR-008":  "where CWD works by the path in the 257 only, it passes with a note (RFC 959 App. II)",
	"DIR-014":  "needs the right to write",
	"FEAT-004": "needs a file; REST counts as working only after a restarted RETR",
	"HOST-001": "on a server that has HOST only its reply is judged; the login after it is HOST-008's",
	"HOST-005": "with the IPv6 literal of RFC 7151 §3.1",
	"INFO-003": "skipped when NLST does not show the entries either",
	"INFO-006": "a failure has to repeat three times, and the same transfer has to work without NOOP",
	"INFO-007": "a failure has to repeat three times, and the same transfer has to work without ALLO",
	"LOG-002":  "an account that is always refused ends the run as unreachable (exit 3); refusals that come and go are judged",
	"LOG-003":  "skipped for accounts without a password",
	"LOG-006":  "tries CDUP, NLST, MLST, MDTM, APPE and RMD as well",
	"LOG-007":  "a server that does not know HELP after login either is MIN-001's",
	"LOG-012":  "skipped under TLS, which REIN ends: the password would follow in the clear",
	"LOG-014":  "a failure has to repeat, and the same download has to work without QUIT",
	"META-001": "a refusal of a file that is there is a skip: RFC 3659 §3.1 allows it",
	"META-004": "the time counts as changed when it is set to within a day of the stamp",
	"META-005": "a refusal of a file that is there is a skip: RFC 3659 §4.2 allows it",
	"META-007": "tries the patterns b.* and *.txt with every verb",
	"MIN-001":  "writes nothing; the seven commands that write are excused only together",
	"MLS-005":  "a refusal after 150 and no data is tolerated (RFC 959 §6)",
	"MLS-007":  "needs the right to write",
	"MLS-010":  "needs the right to write",
	"MLS-015":  "a name that the server has put there itself is only noted when it cannot be used",
	"MLS-019":  "with directories, as many as half a minute makes, five hundred at least",
	"REP-001":  "STAT is not asked: the octets of an explicit TYPE A are the stronger evidence",
	"REP-005":  "unconverted text is a skip in strict mode, too",
	"REST-004": "any 4yz or 5yz to the STOR skips",
	"REST-006": "tries REST -1 as well; a refusal other than 501 is tolerated",
	"REST-007": "500 or 502 to a listed REST fails, other refusals skip",
	"UTF-001":  "names that are all refused with 553 are a warning: 959 §4.2.1 has that code for names that are not allowed",
	"UTF-003":  "needs UTF8 or MLST in FEAT itself",
	"UTF-006":  "needs UTF8 or MLST in FEAT itself",
	"UTF-007":  "a 530 before login is tried again after it",
	"XFER-010": "a file that is listed and cannot be fetched, or is listed by another name, is a skip",
	"XFER-023": "lines of LIST that are no entries are noted",
	"XFER-039": "a name that STOR refuses with 553 or 550 is a warning",
}

// row is one row of the catalogue as it was planned: testdata/rows.txt.
type row struct {
	id       string
	level    report.Level
	severity report.Severity
}

func rows(t *testing.T) (all []row) {
	t.Helper()
	b, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		all = append(all, row{cells[0], report.Level(cells[1]), report.Severity(cells[2])})
	}
	return all
}

// No row of the catalogue is ever lost: each is a requirement of the same level
// and severity, or a remark says why not.
func TestCoverage(t *testing.T) {
	planned := map[string]row{}
	for _, r := range rows(t) {
		planned[r.id] = r
		have, ok := catalog.ByID(r.id)
		switch {
		case !ok && remarks[r.id] == "":
			t.Errorf("%s is lost", r.id)
		case ok && (have.Level != r.level || have.Severity != r.severity) && remarks[r.id] == "":
			t.Errorf("%s is %s %s, not %s %s, and no remark says why", r.id, have.Level, have.Severity, r.level, r.severity)
		}
	}
	if len(planned) != 273 {
		t.Errorf("the catalogue has %d rows", len(planned))
	}
	for id := range remarks {
		if _, ok := planned[id]; !ok {
			t.Errorf("the remark on %s is on no row", id)
		}
	}

	want := coverage(planned)
	if *update {
		if err := os.WriteFile("coverage.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("coverage.md is out of date; -update renews it")
	}
}

// coverage is the table: every row of the catalogue and every requirement.
func coverage(planned map[string]row) string {
	twins := map[string][]string{}
	for _, f := range ftptest.Faults() {
		for _, id := range f.Catches {
			twins[id] = append(twins[id], f.Name)
		}
	}
	var b strings.Builder
	b.WriteString("# What the catalogue covers\n\nWritten by `go test ./suites/catalog -update`. A twin is a fault of the reference server that the requirement must catch.\n")
	for _, area := range catalog.Areas() {
		fmt.Fprintf(&b, "\n## %s — %s\n\n| ID | level | severity | needs | twins | remark |\n|---|---|---|---|---|---|\n", area.Prefix, area.Title)
		for _, r := range area.Requirements {
			remark := remarks[r.ID]
			if _, ok := planned[r.ID]; !ok {
				remark = "beyond the catalogue"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, r.Level, r.Severity,
				strings.Join(append(r.Needs.Names(), r.Features...), ", "), strings.Join(twins[r.ID], ", "), remark)
		}
	}
	var lost []string
	for id, remark := range remarks {
		if _, ok := catalog.ByID(id); !ok {
			lost = append(lost, fmt.Sprintf("| %s | %s |\n", id, remark))
		}
	}
	if len(lost) > 0 {
		b.WriteString("\n## Rows that are no requirement of their own\n\n| ID | why |\n|---|---|\n" + strings.Join(lost, ""))
	}
	return b.String()
}
