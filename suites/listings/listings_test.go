package listings_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/internal/twins"
	"github.com/passiveftp/pasv/suites/listings"
)

func TestListings(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, listings.Area.Title)
}

var _ = func() bool { twins.Prove(listings.Area); return true }()
