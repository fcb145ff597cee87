// Package scenario reads scenario files: the world the embedded AWS plays, what
// happens in it, what people can do outside AWS, and the truth a drill is scored by.
//
// Parse returns a resolved scenario: one magnitude picked, defaults filled in, every
// name checked. The format is described in docs/scenarios.md.
package scenario
