package boot

import (
	"os"
	"slices"
	"strings"
)

// Unknown returns the variables of this process that look like ours and that
// nothing reads, in order: most are mistyped.
func Unknown() []string { return unknown(os.Environ()) }

func unknown(environ []string) []string {
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = true
		known[v.Name+"_FILE"] = v.Secret
	}
	var out []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, prefix+"TEST_") && !known[name] && value != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
