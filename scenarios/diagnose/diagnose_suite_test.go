package diagnose

import (
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// TestMain lets the test binary be a server or a client inside a network
// namespace, when a spec starts it again for that.
func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "server":
		os.Exit(beServer())
	case "client":
		os.Exit(beClient())
	}
	os.Exit(m.Run())
}

func TestDiagnose(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "diagnose")
}
