package tenant_test

import (
	"os"
	"path/filepath"
	"testing"

	"frontdesk/gateway/tenant"
)

// TestExamples reads every example as the server would.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../deploy/examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err = tenant.Attach(b, func(doc string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(name), doc)) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f, err := tenant.Parse(b)
		if err != nil {
			t.Errorf("%s:\n%v", name, err)
			continue
		}
		if len(f.Channels) == 0 || len(f.Agents) == 0 || len(f.Knowledge) == 0 || len(f.Keys) == 0 {
			t.Errorf("%s: %d channels, %d agents, %d articles, %d keys", name, len(f.Channels), len(f.Agents), len(f.Knowledge), len(f.Keys))
		}
	}
}
