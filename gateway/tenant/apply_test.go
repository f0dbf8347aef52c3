package tenant_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"frontdesk/agent"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// memory is agents and articles as far as applying needs them. Its failing
// names an article whose Put fails once.
type memory struct {
	agents   map[ingest.TenantID][]agent.Agent
	articles map[ingest.TenantID][]kb.Article
	failing  string
}

func newMemory() *memory {
	return &memory{agents: map[ingest.TenantID][]agent.Agent{}, articles: map[ingest.TenantID][]kb.Article{}}
}

func (m *memory) Agents(_ context.Context, t ingest.TenantID) ([]agent.Agent, error) {
	return slices.Clone(m.agents[t]), nil
}

func (m *memory) SaveAgent(_ context.Context, t ingest.TenantID, a agent.Agent) (agent.Agent, error) {
	if i := slices.IndexFunc(m.agents[t], func(o agent.Agent) bool { return o.Name == a.Name }); i >= 0 {
		m.agents[t][i] = a
		return a, nil
	}
	a.ID = ingest.AgentID(ingest.NewID(ingest.PrefixAgent, time.Now()))
	m.agents[t] = append(m.agents[t], a)
	return a, nil
}

func (m *memory) Articles(_ context.Context, t ingest.TenantID, _ kb.Filter) ([]kb.Article, string, error) {
	return slices.Clone(m.articles[t]), "", nil
}

func (m *memory) Put(_ context.Context, t ingest.TenantID, d kb.Draft) (kb.Article, bool, error) {
	if d.Title == "Broken" {
		return kb.Article{}, false, fmt.Errorf("%w: it is a scan", kb.ErrUnreadable)
	}
	if d.Title == m.failing {
		m.failing = ""
		return kb.Article{}, false, errors.New("the connection broke")
	}
	a := kb.Article{Title: d.Title, Content: d.Content + string(d.Data), Type: d.Type, Questions: d.Questions, Agent: d.Agent, Source: d.Source, Hash: d.Content}
	if i := slices.IndexFunc(m.articles[t], func(o kb.Article) bool { return o.Title == d.Title && o.Agent == d.Agent }); i >= 0 {
		a.ID = m.articles[t][i].ID
		m.articles[t][i] = a
		return a, false, nil
	}
	a.ID = ingest.ArticleID(fmt.Sprint("art_", len(m.articles[t])))
	m.articles[t] = append(m.articles[t], a)
	return a, true, nil
}

func (m *memory) Delete(_ context.Context, t ingest.TenantID, id ingest.ArticleID) error {
	m.articles[t] = slices.DeleteFunc(m.articles[t], func(a kb.Article) bool { return a.ID == id })
	return nil
}

type fixture struct {
	db        *tenantdb.DB
	store     *tenant.Store
	directory *tenant.Directory
	memory    *memory
	applier   *tenant.Applier
}

func newFixture(t testing.TB) fixture {
	t.Helper()
	f := fixture{db: schematest.Postgres(t), memory: newMemory()}
	f.store = tenant.NewStore(f.db, vault(t))
	f.directory = tenant.NewDirectory(f.store, nil)
	f.applier = tenant.NewApplier(f.store, f.directory, f.memory, f.memory)
	return f
}

func (f fixture) apply(t testing.TB, file string, opt tenant.ApplyOptions) tenant.Applied {
	t.Helper()
	parsed, err := tenant.Parse([]byte(file))
	if err != nil {
		t.Fatalf("Parse():\n%v", err)
	}
	done, err := f.applier.Apply(t.Context(), parsed, opt)
	if err != nil {
		t.Fatalf("Apply(): %v", err)
	}
	return done
}

var everything = []string{
	"business casa-maya", "channel main", "channel sms", "service Cleaning", "staff Ana", "staff Luis", "agent Front desk",
	"article Parking", "key crm", "webhook https://example.com/hooks",
}

func TestApply(t *testing.T) {
	t.Parallel()
	f := newFixture(t)

	dry := f.apply(t, sample, tenant.ApplyOptions{DryRun: true})
	if diff := cmp.Diff(everything, dry.Created); diff != "" || len(dry.Keys) != 0 {
		t.Errorf("dry run: created (-want +got):\n%s\nkeys: %d", diff, len(dry.Keys))
	}
	if _, err := f.store.TenantBySlug(t.Context(), "casa-maya"); !errors.Is(err, tenant.ErrNotFound) {
		t.Fatalf("after a dry run: error = %v, want ErrNotFound", err)
	}

	first := f.apply(t, sample, tenant.ApplyOptions{})
	if diff := cmp.Diff(everything, first.Created); diff != "" {
		t.Errorf("first: created (-want +got):\n%s", diff)
	}
	if len(first.Keys) != 1 || !strings.HasPrefix(first.Keys[0].Key, "aivo_sk_") || len(first.Webhooks) != 1 || !strings.HasPrefix(first.Webhooks[0].Secret, "whsec_") {
		t.Errorf("first: keys %d, webhooks %+v", len(first.Keys), first.Webhooks)
	}
	caller, err := f.directory.Authenticate(t.Context(), first.Keys[0].Key)
	if err != nil || caller.Tenant != first.Tenant || !caller.May("contacts:read") || caller.May("contacts:write") || caller.Test() {
		t.Errorf("the new key: caller %+v, error %v", caller, err)
	}
	if a := f.memory.agents[first.Tenant][0]; len(a.Channels) != 2 || a.Debounce != 500*time.Millisecond {
		t.Errorf("agent = %+v", a)
	}

	again := f.apply(t, sample, tenant.ApplyOptions{})
	if diff := cmp.Diff(everything, again.Unchanged); diff != "" || len(again.Created)+len(again.Changed)+len(again.Keys)+len(again.Webhooks) != 0 {
		t.Errorf("again: unchanged (-want +got):\n%s\nrest: %+v", diff, again)
	}

	edited := strings.NewReplacer("name: Casa Maya Dental", "name: Casa Maya", "Free parking behind", "Parking behind", "contacts:read, ", "", "30m, buffer", "45m, buffer",
		"access_token: EAA", "access_token: EAB").Replace(sample)
	changed := f.apply(t, edited, tenant.ApplyOptions{})
	want := []string{"business casa-maya", "channel main", "service Cleaning", "article Parking", "key crm"}
	if diff := cmp.Diff(want, changed.Changed); diff != "" || len(changed.Keys) != 0 {
		t.Errorf("edited: changed (-want +got):\n%s", diff)
	}
}

func TestApplyCatalogue(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const head = "business: {slug: casa-maya, name: Casa Maya Dental}\n"
	const full = head + `services:
  - {name: X-ray, duration: 20m, step: 20m, horizon: 60, per_day: 8, needs: [room], resources: [Scanner], reminders: [{before: 24h, template: tomorrow}, {before: 2h}]}
  - {name: Checkup, duration: 1h}
staff:
  - {name: Ana, specialties: [Checkup, x-ray], hours: {friday: ["08:00-12:00"]}, off: ["2026-12-24..2026-12-31", "2026-11-30 08:00-10:00"], per_day: 5}
resources:
  - {name: Room 1, kind: room, hours: {friday: ["08:00-16:00"]}}
  - {name: Scanner, off: ["2026-12-01"]}
`
	names := []string{"service X-ray", "service Checkup", "staff Ana", "resource Room 1", "resource Scanner"}
	if diff := cmp.Diff(append([]string{"business casa-maya"}, names...), f.apply(t, full, tenant.ApplyOptions{}).Created); diff != "" {
		t.Errorf("created:\n%s", diff)
	}
	if again := f.apply(t, full, tenant.ApplyOptions{}); len(again.Unchanged) != 6 || len(again.Changed)+len(again.Created) != 0 {
		t.Errorf("again: %+v", again)
	}
	edited := strings.NewReplacer("per_day: 8", "per_day: 9", "12-31", "12-30", "kind: room", "kind: chair", "needs: [room]", "needs: [chair]").Replace(full)
	if diff := cmp.Diff([]string{"service X-ray", "staff Ana", "resource Room 1"}, f.apply(t, edited, tenant.ApplyOptions{}).Changed); diff != "" {
		t.Errorf("edited:\n%s", diff)
	}
	pruned := f.apply(t, head+"resources: []\nservices:\n  - {name: Checkup, duration: 1h}\nstaff:\n  - {name: Ana}\n", tenant.ApplyOptions{Prune: true})
	if diff := cmp.Diff([]string{"service X-ray", "resource Room 1", "resource Scanner"}, pruned.Removed); diff != "" {
		t.Errorf("pruned:\n%s", diff)
	}
}

func TestApplyRefusesNamesThatStandForNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const head = "business: {slug: casa-maya, name: Casa Maya Dental}\n"
	f.apply(t, head+"services:\n  - {name: Checkup, duration: 1h}\n", tenant.ApplyOptions{})
	file, err := tenant.Parse([]byte(head + "services:\n  - {name: X-ray, duration: 20m, needs: [room], resources: [Scanner]}\nstaff:\n  - {name: Ana, specialties: [Checkup, Chekup]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.applier.Apply(t.Context(), file, tenant.ApplyOptions{})
	var invalid *tenant.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("Apply() error = %v", err)
	}
	want := []tenant.Problem{
		{Line: 3, Field: "services[0].resources[0]", Message: "the business has no resource of this name or kind"},
		{Line: 3, Field: "services[0].needs[0]", Message: "the business has no resource of this name or kind"},
		{Line: 5, Field: "staff[0].specialties[1]", Message: "the business has no service of this name"},
	}
	if diff := cmp.Diff(want, invalid.Problems); diff != "" {
		t.Error(diff)
	}
	if kept := f.apply(t, head+"staff: []\n", tenant.ApplyOptions{Prune: true}); len(kept.Removed) != 0 {
		t.Errorf("something of a file that was refused is there: %v", kept.Removed)
	}
}

func TestApplyPrune(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.apply(t, sample, tenant.ApplyOptions{})
	const less = "business: {slug: casa-maya, name: Casa Maya Dental}\nchannels: []\nagents: []\nknowledge: []\nkeys: []\nservices: []\n"

	if kept := f.apply(t, less, tenant.ApplyOptions{}); len(kept.Removed) != 0 {
		t.Errorf("without prune: removed %v", kept.Removed)
	}
	pruned := f.apply(t, less, tenant.ApplyOptions{Prune: true})
	slices.Sort(pruned.Removed)
	want := []string{"agent Front desk", "article Parking", "channel main", "channel sms", "key crm", "service Cleaning"}
	if diff := cmp.Diff(want, pruned.Removed); diff != "" { // not staff and webhooks: the file has no such section
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if _, err := f.directory.Authenticate(t.Context(), first.Keys[0].Key); !errors.Is(err, tenant.ErrUnauthenticated) {
		t.Errorf("a pruned key: error = %v, want ErrUnauthenticated", err)
	}
	if _, found, _ := f.directory.ByRef(t.Context(), "whatsapp", "106540352242922"); found {
		t.Error("a pruned channel still takes callbacks")
	}
	if back := f.apply(t, sample, tenant.ApplyOptions{}); !slices.Contains(back.Created, "channel main") || len(back.Keys) != 1 {
		t.Errorf("applied again after pruning: %+v", back)
	}
}

func TestApplyHealsAfterAFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.memory.failing = "Parking"
	file, err := tenant.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.applier.Apply(t.Context(), file, tenant.ApplyOptions{}); err == nil {
		t.Fatal("Apply() took no notice of the article that failed")
	}
	healed := f.apply(t, sample, tenant.ApplyOptions{})
	if len(healed.Keys) != 1 || len(healed.Webhooks) != 1 {
		t.Errorf("the secrets were lost with the failed answer: keys %d, webhooks %d", len(healed.Keys), len(healed.Webhooks))
	}
	if !slices.Contains(healed.Unchanged, "channel main") || !slices.Contains(healed.Created, "article Parking") {
		t.Errorf("healed = %+v", healed)
	}
}

func TestApplyTellsOfAnUnreadableDocument(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	file, err := tenant.Parse([]byte("business: {slug: a, name: A}\nknowledge:\n  - {title: Fine, content: c}\n  - {title: Broken, file: b.pdf}\nfiles: {b.pdf: JVBERi0=}\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.applier.Apply(t.Context(), file, tenant.ApplyOptions{})
	var invalid *tenant.InvalidError
	if !errors.As(err, &invalid) || !invalid.Partly || len(invalid.Problems) != 1 || invalid.Problems[0].Line != 4 {
		t.Errorf("Apply() = %v, want the article on line 4, and that the rest was applied", err)
	}
}

func TestApplyRefusesWhatClashes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.apply(t, sample, tenant.ApplyOptions{})
	const channel = `business: {slug: other, name: Other}
channels:
  - {type: whatsapp, name: wa, phone_number_id: "106540352242922", waba_id: "102290129340398", access_token: a, app_secret: b, verify_token: c}
  - {type: whatsapp, name: half, phone_number_id: "106540352242923", access_token: a}
agents:
  - {name: Desk, channels: [wa]}
`
	file, err := tenant.Parse([]byte(channel))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.applier.Apply(t.Context(), file, tenant.ApplyOptions{})
	var invalid *tenant.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("Apply() error = %v, want an *InvalidError", err)
	}
	want := []tenant.Problem{
		{Line: 3, Field: "channels[0].phone_number_id", Message: "belongs to another channel, perhaps of another business"},
		{Line: 4, Field: "channels[1].waba_id", Message: "is missing; give all credentials, or none for the simulator"},
		{Line: 4, Field: "channels[1].app_secret", Message: "is missing; give all credentials, or none for the simulator"},
		{Line: 4, Field: "channels[1].verify_token", Message: "is missing; give all credentials, or none for the simulator"},
	}
	got := slices.DeleteFunc(invalid.Problems, func(p tenant.Problem) bool { return strings.HasPrefix(p.Field, "agents") })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if _, err := f.store.TenantBySlug(t.Context(), "other"); !errors.Is(err, tenant.ErrNotFound) {
		t.Errorf("something of a refused file was applied: error = %v", err)
	}
}

func TestCredentialsAreSealed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	done := f.apply(t, sample, tenant.ApplyOptions{})
	channel, found, err := f.directory.ByRef(t.Context(), "whatsapp", "106540352242922")
	if err != nil || !found || string(channel.AppSecret) != "s3cret" || string(channel.VerifyToken) != "v3rify" {
		t.Fatalf("ByRef() = %v, %v, %v", channel, found, err)
	}
	if known, _ := f.directory.VerifyTokenKnown(t.Context(), "whatsapp", "v3rify"); !known {
		t.Error("the verify token is not known")
	}
	if known, _ := f.directory.VerifyTokenKnown(t.Context(), "whatsapp", "v3rifY"); known {
		t.Error("a wrong verify token is known")
	}
	secrets := []string{"s3cret", "v3rify", "EAA", done.Keys[0].Key, done.Keys[0].Key[len("aivo_sk_")+8:], done.Webhooks[0].Secret}
	for _, table := range []string{"channels", "api_keys", "webhook_endpoints", "tenants"} {
		for _, secret := range secrets {
			var n int
			err := f.db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` x WHERE strpos(x::text, $1) > 0 OR strpos(x::text, encode($1::bytea, 'hex')) > 0`, secret).Scan(&n)
			})
			if err != nil || n != 0 {
				t.Errorf("%s holds a secret in the clear in %d rows (%v)", table, n, err)
			}
		}
	}
}

func TestSimulatedChannel(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const file = "business: {slug: demo, name: Demo}\nchannels:\n  - {type: whatsapp, name: main, phone: \"+15555550100\"}\n  - {type: twilio, name: sms, phone: \"+15555550101\"}\n"
	done := f.apply(t, file, tenant.ApplyOptions{})
	channels, err := f.directory.Channels(t.Context(), done.Tenant)
	if err != nil || len(channels) != 2 {
		t.Fatalf("Channels() = %v, %v", channels, err)
	}
	for _, ch := range channels {
		if simulated, err := f.directory.Simulated(t.Context(), done.Tenant, ch.ID); !simulated || err != nil {
			t.Errorf("%s: Simulated() = %v, %v", ch.Name, simulated, err)
		}
		if ch.Ref == "" || ch.Account == "" || ch.AppSecret+ch.AuthToken == "" {
			t.Errorf("%s has no made-up credentials", ch.Name)
		}
	}
	if again := f.apply(t, file, tenant.ApplyOptions{}); len(again.Changed) != 0 {
		t.Errorf("made-up credentials change with each apply: %v", again.Changed)
	}
	real := strings.Replace(file, "name: main,", "name: main, phone_number_id: \"106540352242922\", waba_id: \"102290129340398\", access_token: a, app_secret: b, verify_token: c,", 1)
	f.apply(t, real, tenant.ApplyOptions{})
	if simulated, _ := f.directory.Simulated(t.Context(), done.Tenant, channels[0].ID); simulated {
		t.Error("a channel that got credentials is still simulated")
	}
}

func TestDirectoryKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.apply(t, sample, tenant.ApplyOptions{})
	second := f.apply(t, "business: {slug: other, name: Other}\nkeys: [{name: k, scopes: [\"*\"]}]\n", tenant.ApplyOptions{})
	channels, err := f.directory.Channels(t.Context(), first.Tenant)
	if err != nil || len(channels) == 0 {
		t.Fatalf("Channels() = %v, %v", channels, err)
	}
	if _, err := f.directory.Channel(t.Context(), first.Tenant, channels[0].ID); err != nil {
		t.Errorf("own channel: %v", err)
	}
	if _, err := f.directory.Channel(t.Context(), second.Tenant, channels[0].ID); !errors.Is(err, tenant.ErrNotFound) {
		t.Errorf("another tenant's channel: error = %v, want ErrNotFound", err)
	}
	if got, _ := f.directory.Channels(t.Context(), second.Tenant); len(got) != 0 {
		t.Errorf("another tenant sees %d channels", len(got))
	}
	keys, _, err := f.store.Keys(t.Context(), second.Tenant, 10, "")
	if err != nil || len(keys) != 1 {
		t.Fatalf("Keys() = %v, %v", keys, err)
	}
	if err := f.store.RevokeKey(t.Context(), first.Tenant, keys[0].ID, anyKey); !errors.Is(err, tenant.ErrNotFound) {
		t.Errorf("revoke another tenant's key: error = %v, want ErrNotFound", err)
	}
}

func TestAttach(t *testing.T) {
	read := func(name string) ([]byte, error) {
		if name != "a.txt" {
			return nil, errors.New("no such file")
		}
		return []byte("Hello"), nil
	}
	for name, file := range map[string]string{
		"block style": "business: {slug: a, name: A}\nknowledge:\n  - {title: T, file: a.txt}\nkeyz: []\n",
		"flow style":  "{business: {slug: a, name: A},\nknowledge: [{title: T, file: a.txt}],\n\nkeyz: [],\n}\n",
		"JSON":        "{\"business\": {\"slug\": \"a\", \"name\": \"A\"},\n\"knowledge\": [{\"title\": \"T\", \"file\": \"a.txt\"}],\n\n\"keyz\": []\n}\n",
	} {
		sent, err := tenant.Attach([]byte(file), read)
		if err != nil {
			t.Errorf("%s: Attach(): %v", name, err)
			continue
		}
		_, err = tenant.Parse(sent)
		var invalid *tenant.InvalidError
		if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Line != 4 {
			t.Errorf("%s: want the one error of the file, on line 4, got %v in\n%s", name, err, sent)
		}
		good := strings.Replace(strings.Replace(string(sent), `"keyz": []`, `"keys": []`, 1), "keyz: []", "keys: []", 1)
		f, err := tenant.Parse([]byte(good))
		if err != nil || f.Knowledge[0].Content != "Hello" || f.Knowledge[0].Type != "text" {
			t.Errorf("%s: Parse() = %+v, %v", name, f, err)
		}
	}
	if _, err := tenant.Attach([]byte("business: {slug: a, name: A}\nknowledge: [{title: T, file: b.txt}]\n"), read); err == nil {
		t.Error("a file that is not there was attached")
	}
}

func TestApplyKeepsReadMarks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const file = "business: {slug: demo, name: Demo}\nchannels:\n  - {type: whatsapp, name: main, phone: \"+15555550100\", mark_read: %s}\n"
	for _, want := range []bool{true, false} {
		done := f.apply(t, fmt.Sprintf(file, fmt.Sprint(want)), tenant.ApplyOptions{})
		channels, err := f.directory.Channels(t.Context(), done.Tenant)
		if err != nil || len(channels) != 1 || channels[0].MarkRead != want {
			t.Errorf("channels %v, %v, want mark_read %t", channels, err, want)
		}
	}
	if _, err := tenant.Parse(fmt.Appendf(nil, file, "often")); err == nil || !strings.Contains(err.Error(), "true or false is expected") {
		t.Errorf("mark_read: often: %v", err)
	}
}
