package features_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/passiveftp/pasv/suites/features"
	"github.com/passiveftp/pasv/suites/internal/twins"
)

func TestFeatures(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, features.Area.Title)
}

var _ = func() bool { twins.Prove(features.Area); return true }()
