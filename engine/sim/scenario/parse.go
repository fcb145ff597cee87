package scenario

import "fmt"

// Options say how to read a file.
type Options struct {
	Magnitude string                            // low, base or high; "" is base
	OpenFile  func(path string) ([]byte, error) // reads a file beside the scenario; nil: there is none
}

// Parse reads a scenario file.
func Parse(name string, data []byte, opt Options) (*Scenario, error) {
	return nil, fmt.Errorf("%s: %d bytes not read", name, len(data))
}
