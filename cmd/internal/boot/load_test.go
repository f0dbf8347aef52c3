package boot_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/cmd/internal/boot"
)

// aKey is 32 bytes whose base64 needs both alphabets' odd letters.
var aKey = base64.StdEncoding.EncodeToString([]byte("\xff\xfe\xfb\xff\xff0123456789abcdef0123456789a"))

func parse(t *testing.T, environ ...string) boot.Config {
	t.Helper()
	c, err := boot.Parse(environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseDefaults(t *testing.T) {
	got := parse(t, "PATH=/bin", "FRONTDESK_UNKNOWN=1")
	want := boot.Config{
		Listen: ":8080", InternalListen: "127.0.0.1:9090", PublicURL: "http://localhost:8080", DataDir: "./.data", PostgresConns: 24, AuditDays: 400,
		MetaBaseURL: "https://graph.facebook.com", TwilioBaseURL: "https://api.twilio.com",
		LogLevel: slog.LevelInfo, LogFormat: "auto",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(boot.Key{})); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if !got.Embedded() {
		t.Error("the default is not embedded")
	}
}

func TestParseReadsAll(t *testing.T) {
	got := parse(t,
		"FRONTDESK_LISTEN=0.0.0.0:80", "FRONTDESK_PUBLIC_URL=https://desk.example.com/", "FRONTDESK_DATA_DIR=/data",
		"FRONTDESK_POSTGRES_URL=postgres://u:p@db/x", "FRONTDESK_KAFKA_BROKERS=a:9092,b:9092", "FRONTDESK_CLICKHOUSE_URL=http://c:8123/x",
		"FRONTDESK_ADMIN_TOKEN=0123456789abcdef", "FRONTDESK_MASTER_KEY="+aKey, "FRONTDESK_MASTER_KEY_OLDER="+aKey+","+aKey,
		"FRONTDESK_EMBEDDINGS_URL=http://l/v1", "FRONTDESK_EMBEDDINGS_KEY=k", "FRONTDESK_EMBEDDINGS_MODEL=m",
		"FRONTDESK_TRUSTED_PROXIES=10.0.0.0/8,fd00::/8", "FRONTDESK_LOG_LEVEL=debug", "FRONTDESK_DRAIN_DELAY=2s", "FRONTDESK_LOG_FORMAT=json")
	if got.Listen != "0.0.0.0:80" || got.PublicURL != "https://desk.example.com" || got.DataDir != "/data" || got.Embedded() {
		t.Errorf("addresses: %+v", got)
	}
	if string(got.PostgresURL) != "postgres://u:p@db/x" || len(got.KafkaBrokers) != 2 || got.KafkaBrokers[1] != "b:9092" {
		t.Errorf("stores: %+v", got)
	}
	if string(got.AdminToken) != "0123456789abcdef" || len(got.MasterKey.Bytes()) != 32 || len(got.OlderKeys) != 2 || len(got.OlderKeys[1].Bytes()) != 32 {
		t.Errorf("secrets: %+v", got)
	}
	if len(got.TrustedProxies) != 2 || got.TrustedProxies[0] != netip.MustParsePrefix("10.0.0.0/8") {
		t.Errorf("networks: %v", got.TrustedProxies)
	}
	if got.LogLevel != slog.LevelDebug || got.DrainDelay != 2*time.Second {
		t.Errorf("rest: %+v", got)
	}
}

func TestParseNamesTheVariableAndWhatWasExpected(t *testing.T) {
	tests := []struct{ set, want string }{
		{"LISTEN=8080", `FRONTDESK_LISTEN: expected host:port or :port, got "8080"`},
		{"LISTEN=:99999", `FRONTDESK_LISTEN: expected host:port or :port, got ":99999"`},
		{"INTERNAL_LISTEN=nowhere", `FRONTDESK_INTERNAL_LISTEN: expected host:port`},
		{"PUBLIC_URL=desk.example.com", `FRONTDESK_PUBLIC_URL: expected an http:// or https:// URL, got "desk.example.com"`},
		{"PUBLIC_URL=https://desk.example.com/?x=1", `FRONTDESK_PUBLIC_URL: expected`},
		{"KAFKA_BROKERS=a:9092,b", `FRONTDESK_KAFKA_BROKERS: expected host:port, several with commas between, got "b"`},
		{"POSTGRES_CONNS=many", `FRONTDESK_POSTGRES_CONNS: expected a number from 4 to 1000, got "many"`},
		{"AUDIT_DAYS=7", `FRONTDESK_AUDIT_DAYS: expected 0, or a number from 30 to 36500, got "7"`},
		{"POSTGRES_CONNS=1", `FRONTDESK_POSTGRES_CONNS: expected a number from 4 to 1000, got "1"`},
		{"POSTGRES_URL=mysql://u:p4ss@db/x", `FRONTDESK_POSTGRES_URL: expected a postgres:// URL`},
		{"POSTGRES_URL=postgres://u:p4ss@db/x", `FRONTDESK_MASTER_KEY: expected base64 of 32 bytes (openssl rand -base64 32), as FRONTDESK_POSTGRES_URL is set`},
		{"CLICKHOUSE_URL=ftp://x", `FRONTDESK_CLICKHOUSE_URL: expected an http://`},
		{"ADMIN_TOKEN=p4ss", `FRONTDESK_ADMIN_TOKEN: expected at least 16 characters`},
		{"MASTER_KEY=p4ss", `FRONTDESK_MASTER_KEY: expected base64 of 32 bytes`},
		{"MASTER_KEY_OLDER=" + aKey + ",p4ss", `FRONTDESK_MASTER_KEY_OLDER: expected base64 of 32 bytes`},
		{"MASTER_KEY_FILE=/nowhere/p4ss.txt", `FRONTDESK_MASTER_KEY_FILE: expected a file that can be read`},
		{"TRUSTED_PROXIES=10.0.0.1", `FRONTDESK_TRUSTED_PROXIES: expected networks such as 10.0.0.0/8`},
		{"CORS_ORIGINS=example.com", `FRONTDESK_CORS_ORIGINS: expected origins`},
		{"EMBEDDINGS_URL=http://l/v1", `FRONTDESK_EMBEDDINGS_MODEL: expected a model's name, as FRONTDESK_EMBEDDINGS_URL is set`},
		{"EMBEDDINGS_URL=l", `FRONTDESK_EMBEDDINGS_URL: expected an http:// or https:// URL`},
		{"META_BASE_URL=graph", `FRONTDESK_META_BASE_URL: expected an http:// or https:// URL`},
		{"LOG_LEVEL=loud", `FRONTDESK_LOG_LEVEL: expected debug, info, warn or error, got "loud"`},
		{"LOG_FORMAT=xml", `FRONTDESK_LOG_FORMAT: expected json, text or auto, got "xml"`},
		{"DRAIN_DELAY=5", `FRONTDESK_DRAIN_DELAY: expected a duration up to 5s, got "5"`},
		{"DRAIN_DELAY=1m", `FRONTDESK_DRAIN_DELAY: expected a duration up to 5s, got "1m0s"`},
	}
	for _, tt := range tests {
		t.Run(tt.set, func(t *testing.T) {
			_, err := boot.Parse([]string{"FRONTDESK_" + tt.set})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want %q", err, tt.want)
			}
			if strings.Contains(strings.ReplaceAll(err.Error(), "/nowhere/p4ss.txt", ""), "p4ss") {
				t.Errorf("the error quotes a secret: %v", err)
			}
		})
	}
	_, err := boot.Parse([]string{"FRONTDESK_LOG_FORMAT=x", "FRONTDESK_LISTEN=y"})
	for _, name := range []string{"FRONTDESK_LOG_FORMAT", "FRONTDESK_LISTEN"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error = %v, want every bad variable in it", err)
		}
	}
}

func TestParseReadsSecretsFromFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(aKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := parse(t, "FRONTDESK_MASTER_KEY_FILE="+path); len(got.MasterKey.Bytes()) != 32 {
		t.Error("the key in the file was not read")
	}
	_, err := boot.Parse([]string{"FRONTDESK_MASTER_KEY_FILE=" + path, "FRONTDESK_MASTER_KEY=" + aKey})
	if err == nil || !strings.Contains(err.Error(), "both set") {
		t.Errorf("error = %v, want that both are set", err)
	}
}

func TestPublicURLFollowsListen(t *testing.T) {
	tests := map[string]string{
		":9000":              "http://localhost:9000",
		"0.0.0.0:80":         "http://localhost:80",
		"127.0.0.1:8080":     "http://localhost:8080",
		"[::]:80":            "http://localhost:80",
		"desk.example.com:1": "http://desk.example.com:1",
		"192.0.2.1:80":       "http://192.0.2.1:80",
	}
	for listen, want := range tests {
		if got := parse(t, "FRONTDESK_LISTEN="+listen).PublicURL; got != want {
			t.Errorf("with LISTEN %s the public URL is %s, want %s", listen, got, want)
		}
	}
}

// TestNoSecretShows prints a configuration in every way there is.
func TestNoSecretShows(t *testing.T) {
	c := parse(t, "FRONTDESK_ADMIN_TOKEN=topsecret-token-1", "FRONTDESK_MASTER_KEY="+aKey, "FRONTDESK_MASTER_KEY_OLDER="+aKey,
		"FRONTDESK_EMBEDDINGS_URL=http://u:topsecret@l/v1", "FRONTDESK_EMBEDDINGS_MODEL=m", "FRONTDESK_EMBEDDINGS_KEY=topsecret",
		"FRONTDESK_POSTGRES_URL=postgres://u:topsecret@db/x?password=topsecret")
	var printed strings.Builder
	values := reflect.ValueOf(c)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&printed, verb+"\n", c)
		for i := range values.NumField() {
			fmt.Fprintf(&printed, verb+"\n", values.Field(i).Interface())
		}
	}
	if err := json.NewEncoder(&printed).Encode(c); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&printed, nil)).Info("x", "config", c, "token", c.AdminToken, "key", c.MasterKey, "url", c.PostgresURL)
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "config", c, "token", c.AdminToken, "key", c.MasterKey, "url", c.PostgresURL)
	for _, secret := range []string{"topsecret", aKey, string(c.MasterKey.Bytes()), fmt.Sprintf("%x", "topsecret"), fmt.Sprintf("%x", c.MasterKey.Bytes())} {
		if at := strings.Index(printed.String(), secret); at >= 0 {
			t.Errorf("a secret shows: …%s…", printed.String()[max(0, at-60):at])
		}
	}
	if !strings.Contains(printed.String(), "FRONTDESK_ADMIN_TOKEN=***") {
		t.Error("the log does not even tell that a token is set")
	}
}

func TestMasterKeyIsMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	c := parse(t, "FRONTDESK_DATA_DIR="+dir)
	first, err := c.KeepMasterKey()
	if err != nil || len(first.Bytes()) != 32 {
		t.Fatalf("KeepMasterKey() = %d bytes, %v", len(first.Bytes()), err)
	}
	again, err := c.KeepMasterKey()
	if err != nil || again != first {
		t.Errorf("the second start has another key, error %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "master.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v; want mode 0600", info.Mode(), err)
	}
	set := parse(t, "FRONTDESK_DATA_DIR="+dir, "FRONTDESK_MASTER_KEY="+aKey)
	if got, err := set.KeepMasterKey(); err != nil || got != set.MasterKey {
		t.Errorf("a key that is set is not the one used, error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "master.key"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.KeepMasterKey(); err == nil || !strings.Contains(err.Error(), "put the key back") {
		t.Errorf("a torn key: error %v, want what to do", err)
	}
}

func TestEveryVariableIsDescribed(t *testing.T) {
	named := regexp.MustCompile(`^FRONTDESK_[A-Z_]+$`)
	seen := map[string]bool{}
	for _, v := range boot.Variables() {
		if !named.MatchString(v.Name) || v.Expects == "" || v.About == "" || seen[v.Name] {
			t.Errorf("%+v: want a name of its own, what is expected and what it does", v)
		}
		seen[v.Name] = true
	}
	if !seen["FRONTDESK_LISTEN"] {
		t.Error("FRONTDESK_LISTEN is not among the variables")
	}
}

// TestTheREADMEListsEveryVariable compares the README's table with the
// configuration, both ways.
func TestTheREADMEListsEveryVariable(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil || !strings.Contains(string(readme), "| variable |") {
		t.Skip("the README has no table of variables yet")
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(?:FRONTDESK_)?([A-Z_]+)`").FindAllStringSubmatch(string(readme), -1) {
		listed["FRONTDESK_"+row[1]] = true
	}
	for _, v := range boot.Variables() {
		if !listed[v.Name] {
			t.Errorf("the README does not list %s; its row is\n%s", v.Name, v.Row())
		}
		delete(listed, v.Name)
	}
	for name := range listed {
		t.Errorf("the README lists %s, which nothing reads", name)
	}
}

func FuzzKey(f *testing.F) {
	f.Add(aKey)
	f.Add("")
	f.Add("====")
	f.Fuzz(func(t *testing.T, text string) {
		var k boot.Key
		if err := k.UnmarshalText([]byte(text)); (err == nil) != (len(k.Bytes()) == 32) {
			t.Errorf("%q: error %v with %d bytes", text, err, len(k.Bytes()))
		}
	})
}
