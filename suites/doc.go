// Package suites puts the catalogue of requirements where tests run. It has
// three doors: [Describe] for a Ginkgo suite, [Test] for go test without Ginkgo,
// and [Ahead], which begins to judge several requirements at once so that the
// other two find their results waiting.
//
// A server written in Go is checked in its own tests like this:
//
//	func TestFTP(t *testing.T) {
//		server := start(t) // the server under test, in this process
//		target, err := probe.ParseTarget("ftp://user:pass@" + server.Addr())
//		if err != nil {
//			t.Fatal(err)
//		}
//		suites.Test(t, &spec.Judge{Dialer: &probe.Dialer{}, Target: target}, catalog.All())
//	}
//
// What is tried is in the packages of the areas, how it is judged in package
// spec.
package suites
