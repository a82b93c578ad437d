package library

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed *.yaml
var files embed.FS

const extension = ".yaml"

// Names are the built-in scenarios, sorted.
func Names() []string {
	// The directory is part of the program, and ReadDir sorts.
	entries, _ := files.ReadDir(".")
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), extension))
	}
	return names
}

// Open is the content of a built-in scenario. The error lists what there is.
func Open(name string) ([]byte, error) {
	if name == path.Base(name) {
		if b, err := files.ReadFile(name + extension); err == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("there is no built-in scenario %q; there are %s", name, strings.Join(Names(), ", "))
}
