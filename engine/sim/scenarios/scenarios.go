// Package scenarios holds the scenario files that come with ddbloop.
package scenarios

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names returns the names of the embedded scenarios in alphabetical order.
func Names() []string {
	paths, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the root of an embedded file system is always there
	}
	names := make([]string, 0, len(paths))
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(p.Name(), path.Ext(p.Name())))
	}
	slices.Sort(names) // calm before calm-noisy: the files sort by their whole names
	return names
}

// Open returns the file of an embedded scenario, or an error that says where the names are.
func Open(name string) ([]byte, error) {
	data, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no scenario named %q: `ddbloop demo --list` names the %d there are; a file's path ends in .yaml", name, len(Names()))
	}
	return data, nil
}
