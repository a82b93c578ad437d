package scenarios

import (
	"runtime"
	"time"

	"github.com/passiveftp/pasv/report"
)

// generator is how this process fared, given the processor time it used.
func generator(cpu time.Duration) report.Generator {
	return report.Generator{CPU: report.InSeconds(cpu), Cores: runtime.GOMAXPROCS(0), OpenFiles: openFiles()}
}
