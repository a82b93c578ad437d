package listings_test

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/probe/ftptest"
	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/listings"
	"github.com/passiveftp/pasv/suites/spec"
)

func TestListings(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, listings.Area.Title)
}

// MLS-019 makes a large directory. Only without a fault it is as large as it is
// to be; for the fault that is about it a part of that does, and for all others
// next to nothing.
var _ = func() bool {
	twins.Prove(listings.Area,
		twins.Setting{
			Name:   "a smaller large directory",
			Faults: []string{"list-cut"},
			Apply:  func(_ *ftptest.Config, j *spec.Judge) { j.Shorten = 16 },
		},
		twins.Setting{
			Name:   "hardly a large directory",
			Faults: others(),
			Apply:  func(_ *ftptest.Config, j *spec.Judge) { j.Shorten = 200 },
		})
	return true
}()

// others are the faults of this area that are not about large directories.
func others() []string {
	var names []string
	for _, f := range ftptest.Faults() {
		if f.Name != "list-cut" && slices.ContainsFunc(f.Catches, func(id string) bool { return strings.HasPrefix(id, listings.Area.Prefix) }) {
			names = append(names, f.Name)
		}
	}
	return names
}
