package api_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// schemathesis names the program that TestSchemathesis runs. Where Python is,
// make conformance brings one.
const schemathesis = "FRONTDESK_TEST_SCHEMATHESIS"

// TestSchemathesis has a program that knows nothing of ours read the document
// and ask the server what it likes: nothing is answered 5xx, nor as the
// document does not have it, and what is no request of it is refused.
func TestSchemathesis(t *testing.T) {
	program := os.Getenv(schemathesis)
	if program == "" {
		t.Skip("no schemathesis; make conformance brings it where Python is")
	}
	l := newLab(t)
	l.furnish(l.Maya)
	key := l.Keys(t, l.Maya, map[string][]string{"conformance": {"*"}})["conformance"]
	folder := t.TempDir()
	file := filepath.Join(folder, "openapi.json")
	if err := os.WriteFile(file, l.Do(t, key, "GET", "/v1/openapi.json", "").Text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "run", file, "--url", l.URL, "-H", "Authorization: Bearer "+key,
		"--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1", "--workers", "2", "--no-color", "--warnings", "off",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection")
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out[max(0, len(out)-800):])
}
