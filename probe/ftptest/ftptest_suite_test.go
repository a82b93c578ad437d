package ftptest_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestFTPTest(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "FTP test server")
}
