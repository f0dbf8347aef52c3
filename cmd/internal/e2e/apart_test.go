package e2e

import (
	"context"
	"encoding/base64"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/cmd/internal/ledger"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest/stream/streamtest"
)

// fleet is a process per role, some twice, on servers that they share, as in
// production.
type fleet struct {
	*scene // of the first gateway
	apart  map[string]*ledger.System
}

// members of a fleet by the name that logs and faults know them by.
var members = map[string]string{
	"gateway-1": "gateway", "gateway-2": "gateway",
	"agent-1": "agent", "agent-2": "agent",
	"dispatch-1": "dispatch", "dispatch-2": "dispatch",
	"webhooks-1": "webhooks", "analytics-1": "analytics",
}

// startFleet starts the members on a Kafka, a Postgres and a ClickHouse of the
// tests' servers, and applies a business.
func startFleet(t *testing.T, kafka string) *fleet {
	t.Helper()
	env := []string{
		"FRONTDESK_POSTGRES_URL=" + schematest.PostgresURL(t), "FRONTDESK_CLICKHOUSE_URL=" + schematest.ClickHouseURL(t),
		"FRONTDESK_KAFKA_BROKERS=" + kafka, "FRONTDESK_MASTER_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"FRONTDESK_POSTGRES_CONNS=12",
	}
	provider := &ledger.Provider{}
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	f := &fleet{apart: map[string]*ledger.System{}}
	migrate(t, env)
	for name, role := range members {
		f.apart[name] = startMember(t, name, role, env)
	}
	f.scene = &scene{System: f.apart["gateway-1"], Business: ledger.DefaultBusiness(provider.URL()), provider: provider}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var err error
	if f.key, err = f.Apply(ctx, f.Business); err != nil {
		t.Fatal(err)
	}
	return f
}

func migrate(t *testing.T, env []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "migrate")
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("frontdesk migrate: %v\n%s", err, out)
	}
}

func startMember(t *testing.T, name, role string, env []string) *ledger.System {
	t.Helper()
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	s := &ledger.System{Binary: binary, Role: role, Dir: dir, Listen: freeAddress(t), Internal: freeAddress(t), Admin: "e2e-admin-token-0", Env: env, Log: log}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stop %s: %v", name, err)
		}
		if out, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("%s ended with:\n%s", name, out[max(0, len(out)-2000):])
		}
		_ = log.Close()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := s.Start(ctx); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// restart kills members and starts them again.
func (f *fleet) restart(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := f.apart[name].Kill(); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Second) // the others work alone meanwhile
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, name := range names {
		if err := f.apart[name].Start(ctx); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// TestRolesApart runs each role as processes of its own. Callbacks come in at
// both gateways, some of each role are killed, and every customer still gets one
// answer and is counted once. It runs on Apache Kafka: the embedded broker is for
// one process, and its groups of several members can lose count for good when
// one is killed while the others wait for it.
func TestRolesApart(t *testing.T) {
	k := streamtest.Apache(t, "")
	k.Start(t)
	f := startFleet(t, k.Addr())
	second := *f.scene
	second.System = f.apart["gateway-2"]
	var there []ledger.Text
	acked := f.under(t, func() {
		there = second.under(t, func() {
			time.Sleep(span(t) / 4)
			f.restart(t, "agent-1", "dispatch-1", "gateway-2")
			time.Sleep(span(t) / 4)
			f.restart(t, "agent-2", "dispatch-2", "webhooks-1", "analytics-1")
		})
	})
	acked = append(acked, there...)
	f.settle(t, acked)
	f.exactly(t, len(acked))
	for name := range maps.Keys(members) {
		if f.apart[name].PID() == 0 {
			t.Errorf("%s is gone", name)
		}
	}
}
