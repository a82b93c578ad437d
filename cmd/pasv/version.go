package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/passiveftp/pasv/report"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			t := tool()
			fmt.Fprintf(cmd.OutOrStdout(), "%s %s %s %s/%s\n", t.Name, t.Version, t.Go, t.OS, t.Arch)
		},
	}
}

// tool describes this program as it was built.
func tool() report.Tool {
	t := report.Tool{Name: "pasv", Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return t
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		t.Version = v
	}
	return t
}
