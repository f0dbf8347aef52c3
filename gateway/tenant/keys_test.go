package tenant_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/tenant"
)

// anyKey lets every key be changed.
func anyKey(tenant.Key) error { return nil }

// gateways returns n directories over f's database, running as those of n
// processes do.
func gateways(t *testing.T, f fixture, n int) []*tenant.Directory {
	t.Helper()
	out := make([]*tenant.Directory, n)
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := range out {
		out[i] = tenant.NewDirectory(f.store, nil)
		if err := out[i].Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() { _ = out[i].Run(ctx) })
	}
	t.Cleanup(func() { stop(); wg.Wait() })
	return out
}

// TestRevokedKeyDiesEverywhere has the key revoked by one process and asked for
// in another, which only polls.
func TestRevokedKeyDiesEverywhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, sample, tenant.ApplyOptions{})
	key := done.Keys[0].Key
	ctx, stop := context.WithCancel(t.Context())
	here, there := tenant.NewAccount(f.store, tenant.NewDirectory(f.store, nil)), tenant.NewDirectory(f.store, nil)
	stopped := make(chan error, 1)
	go func() { stopped <- there.Run(ctx) }()
	caller, err := there.Authenticate(t.Context(), key)
	if err != nil {
		t.Fatalf("Authenticate(): %v", err)
	}
	if err := here.RevokeKey(t.Context(), done.Tenant, caller.KeyID, anyKey); err != nil {
		t.Fatal(err)
	}
	revoked := time.Now()
	for {
		if _, err := there.Authenticate(t.Context(), key); errors.Is(err, tenant.ErrUnauthenticated) {
			break
		}
		if time.Since(revoked) > time.Second {
			t.Fatal("a revoked key is still taken after a second")
		}
	}
	t.Logf("dead after %v", time.Since(revoked))
	stop()
	if err := <-stopped; err != nil {
		t.Errorf("Run() = %v", err)
	}
	keys, _, err := f.store.Keys(t.Context(), done.Tenant, 10, "")
	if err != nil || keys[len(keys)-1].LastUsedAt.IsZero() || keys[len(keys)-1].RevokedAt.IsZero() {
		t.Errorf("key = %+v, %v; want it used and revoked", keys, err)
	}
}

// TestRotationUnderLoad has three processes asked with both secrets all the
// time, while the key is rotated and at last revoked.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, sample, tenant.ApplyOptions{})
	nodes := gateways(t, f, 3)
	caller, err := nodes[0].Authenticate(t.Context(), done.Keys[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	var secrets sync.Map // in their overlap: each must be taken everywhere
	secrets.Store(done.Keys[0].Key, true)
	var refused, asked atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	for _, node := range nodes {
		load.Go(func() {
			for ctx.Err() == nil {
				secrets.Range(func(secret, _ any) bool {
					asked.Add(1)
					if c, err := node.Authenticate(t.Context(), secret.(string)); err != nil || c.KeyID != caller.KeyID {
						if _, still := secrets.Load(secret); still {
							refused.Add(1)
						}
					}
					return true
				})
			}
		})
	}
	old := done.Keys[0].Key
	for range 5 {
		_, fresh, err := f.store.RotateKey(t.Context(), done.Tenant, caller.KeyID, time.Hour, anyKey)
		if err != nil {
			t.Fatal(err)
		}
		secrets.Store(fresh, true)
		for _, node := range nodes { // everybody has changed over
			if err := node.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		secrets.Delete(old)
		old = fresh
	}
	stop()
	load.Wait()
	if refused.Load() > 0 || asked.Load() == 0 {
		t.Errorf("%d of %d requests were refused while keys rotated, want none", refused.Load(), asked.Load())
	}
	if err := f.store.RevokeKey(t.Context(), done.Tenant, caller.KeyID, anyKey); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Second)
	for i, node := range nodes {
		for {
			_, err := node.Authenticate(t.Context(), old)
			if errors.Is(err, tenant.ErrUnauthenticated) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("process %d takes a revoked key after a second", i)
			}
		}
	}
}

func TestRotatedSecrets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, sample, tenant.ApplyOptions{})
	first := done.Keys[0].Key
	at := func(secret string) error {
		if err := f.directory.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := f.directory.Authenticate(t.Context(), secret)
		return err
	}
	caller, err := f.directory.Authenticate(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	rotate := func(overlap time.Duration) string {
		t.Helper()
		_, secret, err := f.store.RotateKey(t.Context(), done.Tenant, caller.KeyID, overlap, anyKey)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	second := rotate(time.Hour)
	if at(first) != nil || at(second) != nil {
		t.Errorf("within the overlap: %v and %v, want both taken", at(first), at(second))
	}
	third := rotate(time.Hour)
	if at(first) == nil || at(second) != nil || at(third) != nil {
		t.Errorf("rotated twice: %v, %v, %v; want the oldest refused", at(first), at(second), at(third))
	}
	fourth := rotate(time.Millisecond)
	for at(third) == nil { // the millisecond passes
	}
	if err := at(third); !errors.Is(err, tenant.ErrKeyExpired) || at(fourth) != nil {
		t.Errorf("after the overlap: %v, want ErrKeyExpired", err)
	}
	fifth := rotate(0)
	if at(fourth) == nil || at(fifth) != nil {
		t.Error("without an overlap the secret before is still taken")
	}
	past := time.Now().Add(-time.Minute)
	if _, err := f.store.UpdateKey(t.Context(), done.Tenant, caller.KeyID, tenant.KeyChange{ExpiresAt: &past}, func(_, _ tenant.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := at(fifth); !errors.Is(err, tenant.ErrKeyExpired) || !errors.Is(err, tenant.ErrUnauthenticated) {
		t.Errorf("an expired key: %v, want ErrKeyExpired", err)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, strings.Replace(sample, "plan: professional", "plan: enterprise", 1), tenant.ApplyOptions{})
	soon := time.Now().Add(time.Hour)
	callerOf := func(spec tenant.KeySpec) tenant.Caller {
		t.Helper()
		_, secret, err := f.store.CreateKey(t.Context(), done.Tenant, spec)
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.directory.Authenticate(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	all := callerOf(tenant.KeySpec{Name: "c-all", Scopes: []string{"*"}, Mode: tenant.ModeLive, Dialect: tenant.Native})
	test := callerOf(tenant.KeySpec{Name: "c-test", Scopes: []string{"*"}, Mode: tenant.ModeTest, Dialect: tenant.Native})
	some := callerOf(tenant.KeySpec{Name: "c-some", Scopes: []string{"keys:write", "contacts:read"}, Mode: tenant.ModeLive, Dialect: tenant.Native})
	small := callerOf(tenant.KeySpec{Name: "c-small", Scopes: []string{"*"}, Mode: tenant.ModeLive, Dialect: tenant.Native, Plan: "starter"})
	short := callerOf(tenant.KeySpec{Name: "c-short", Scopes: []string{"*"}, Mode: tenant.ModeLive, Dialect: tenant.Native, ExpiresAt: soon})
	live := tenant.Key{Scopes: []string{"contacts:read"}, Mode: tenant.ModeLive}
	with := func(change func(*tenant.Key)) tenant.Key { k := live; change(&k); return k }
	tests := []struct {
		name   string
		caller tenant.Caller
		key    tenant.Key
		want   bool
	}{
		{"a key of all scopes covers any", all, with(func(k *tenant.Key) { k.Scopes = []string{"*"} }), true},
		{"own scopes", some, live, true},
		{"all scopes", some, with(func(k *tenant.Key) { k.Scopes = []string{"*"} }), false},
		{"another scope", some, with(func(k *tenant.Key) { k.Scopes = []string{"contacts:read", "messages:write"} }), false},
		{"write of what it reads", some, with(func(k *tenant.Key) { k.Scopes = []string{"contacts:write"} }), false},
		{"live by a test key", test, live, false},
		{"test by a test key", test, with(func(k *tenant.Key) { k.Mode = tenant.ModeTest }), true},
		{"the business's plan by a smaller one", small, live, false},
		{"the own plan", small, with(func(k *tenant.Key) { k.Plan = "free" }), true},
		{"a plan above the business's is the business's", all, with(func(k *tenant.Key) { k.Plan = "unlimited" }), true},
		{"for good by one that expires", short, live, false},
		{"for longer than itself", short, with(func(k *tenant.Key) { k.ExpiresAt = soon.Add(time.Minute) }), false},
		{"for shorter", short, with(func(k *tenant.Key) { k.ExpiresAt = soon.Add(-time.Minute) }), true},
	}
	for _, tt := range tests {
		if beyond, ok := tt.caller.Covers(tt.key); ok != tt.want || (beyond == "") != ok {
			t.Errorf("%s: Covers() = %q, %v, want %v", tt.name, beyond, ok, tt.want)
		}
	}
	if small.Plan.Limits[tenant.Requests].Count != 60 || small.KeyPlan() != "starter" || all.KeyPlan() != "" {
		t.Errorf("a key with a plan of its own has %v", small.Plan)
	}
}

// TestTheDatabaseHoldsNoSecret looks for parts of the secret in all that is
// stored of keys.
func TestTheDatabaseHoldsNoSecret(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, sample, tenant.ApplyOptions{})
	k, secret, err := f.store.CreateKey(t.Context(), done.Tenant, tenant.KeySpec{Name: "s", Scopes: []string{"*"}, Mode: tenant.ModeLive, Dialect: tenant.Native})
	if err != nil {
		t.Fatal(err)
	}
	var rows string
	err = f.db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT string_agg(row_to_json(k)::text, ' ') FROM api_keys k`).Scan(&rows)
	})
	if err != nil || !strings.Contains(rows, k.Lookup) {
		t.Fatalf("rows = %s, %v", rows, err)
	}
	body := strings.TrimPrefix(secret, k.Start())
	for i := 0; i+6 <= len(body); i += 6 {
		if strings.Contains(rows, body[i:i+6]) {
			t.Errorf("a part of the secret is stored")
		}
	}
}

func TestKeysAreListedInPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, sample, tenant.ApplyOptions{})
	var names []string
	for after := ""; ; {
		page, next, err := f.store.Keys(t.Context(), done.Tenant, 1, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page {
			names = append(names, k.Name)
		}
		if after = next; next == "" {
			break
		}
	}
	all, _, err := f.store.Keys(t.Context(), done.Tenant, 100, "")
	if err != nil || len(all) != len(names) || !slices.IsSortedFunc(all, func(a, b tenant.Key) int { return strings.Compare(b.ID, a.ID) }) {
		t.Errorf("pages have %v, the list %d", names, len(all))
	}
}

// BenchmarkAuthenticate is a request's way to its caller with a warm key.
func BenchmarkAuthenticate(b *testing.B) {
	f := newFixture(b)
	done := f.apply(b, sample, tenant.ApplyOptions{})
	key := done.Keys[0].Key
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.directory.Authenticate(b.Context(), key); err != nil {
			b.Fatal(err)
		}
	}
}
