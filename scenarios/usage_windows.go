package scenarios

import (
	"time"

	"golang.org/x/sys/windows"
)

// processorTime is the user and system time of this process so far.
func processorTime() time.Duration {
	var creation, exit, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &creation, &exit, &kernel, &user); err != nil {
		return 0
	}
	return ticks(kernel) + ticks(user)
}

// ticks converts a length of time in units of 100 ns. Filetime.Nanoseconds is
// for points in time.
func ticks(f windows.Filetime) time.Duration {
	return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
}

// openFiles is 0: Windows has no such limit.
func openFiles() uint64 { return 0 }
