package theme

import "strings"

// Lookup returns the last value of a variable, as the environment of a process counts.
func Lookup(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// SetFor picks ASCII where the locale is not UTF-8, and blocks where the terminal is known to have no fonts.
func SetFor(env []string) Set {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = Lookup(env, name); locale != "" {
			break
		}
	}
	l := strings.ToLower(locale)
	switch {
	case locale != "" && !strings.Contains(l, "utf-8") && !strings.Contains(l, "utf8"):
		return ASCII
	case Lookup(env, "TERM") == "linux":
		return Block
	}
	return Braille
}
