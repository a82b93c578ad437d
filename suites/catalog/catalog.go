package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/passiveftp/pasv/report"
	"github.com/passiveftp/pasv/suites/control"
	"github.com/passiveftp/pasv/suites/directories"
	"github.com/passiveftp/pasv/suites/encoding"
	"github.com/passiveftp/pasv/suites/extended"
	"github.com/passiveftp/pasv/suites/features"
	"github.com/passiveftp/pasv/suites/hosts"
	"github.com/passiveftp/pasv/suites/information"
	"github.com/passiveftp/pasv/suites/listings"
	"github.com/passiveftp/pasv/suites/login"
	"github.com/passiveftp/pasv/suites/metadata"
	"github.com/passiveftp/pasv/suites/minimum"
	"github.com/passiveftp/pasv/suites/passive"
	"github.com/passiveftp/pasv/suites/representation"
	"github.com/passiveftp/pasv/suites/restart"
	"github.com/passiveftp/pasv/suites/security"
	"github.com/passiveftp/pasv/suites/spec"
	"github.com/passiveftp/pasv/suites/tls"
	"github.com/passiveftp/pasv/suites/transfer"
)

// Areas lists the areas in the order of the catalogue.
func Areas() []spec.Area {
	return []spec.Area{
		control.Area,
		login.Area,
		passive.Area,
		extended.Area,
		transfer.Area,
		restart.Area,
		representation.Area,
		minimum.Area,
		information.Area,
		directories.Area,
		features.Area,
		metadata.Area,
		listings.Area,
		encoding.Area,
		tls.Area,
		hosts.Area,
		security.Area,
	}
}

// All lists the requirements of all areas in order.
func All() []*spec.Requirement {
	var all []*spec.Requirement
	for _, area := range Areas() {
		all = append(all, area.Requirements...)
	}
	return all
}

// ByID finds a requirement by its ID, in any letter case.
func ByID(id string) (*spec.Requirement, bool) {
	for _, r := range All() {
		if strings.EqualFold(r.ID, id) {
			return r, true
		}
	}
	return nil, false
}

// Select lists the requirements whose labels match a filter in Ginkgo's
// language, for example "PASV && critical" or "/PASV-00[1-5]/". An empty filter
// matches all. A filter that matches none is an error: it would judge nothing
// and look green.
func Select(filter string) ([]*spec.Requirement, error) {
	match, err := types.ParseLabelFilter(filter)
	if err != nil {
		return nil, fmt.Errorf("filter %q: %s", filter, plain(err))
	}
	var selected []*spec.Requirement
	for _, r := range All() {
		if match(r.Labels()) {
			selected = append(selected, r)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("filter %q matches no requirement", filter)
	}
	return selected, nil
}

// Sort puts results in the order of the catalogue.
func Sort(results []report.Result) {
	place := map[string]int{}
	for i, r := range All() {
		place[r.ID] = i
	}
	slices.SortStableFunc(results, func(a, b report.Result) int { return place[a.ID] - place[b.ID] })
}

// style is Ginkgo's markup for colours.
var style = regexp.MustCompile(`{{[^}]*}}`)

// plain is the last line of Ginkgo's message, which says what is wrong; the
// lines before it are a drawing.
func plain(err error) string {
	message := err.Error()
	if g, ok := err.(types.GinkgoError); ok {
		message = g.Message
	}
	message = strings.TrimSpace(style.ReplaceAllString(message, ""))
	return strings.TrimSpace(message[strings.LastIndex(message, "\n")+1:])
}
