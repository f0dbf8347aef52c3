package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

const definition = `[
	{"type":"HEADER","format":"IMAGE"},
	{"type":"BODY","text":"Hi {{1}}, your visit is on {{2}}. See you, {{1}}!"},
	{"type":"FOOTER","text":"Casa Maya"},
	{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Confirm"},{"type":"URL","text":"Move it","url":"https://example.com/{{1}}"}]}]`

func TestFits(t *testing.T) {
	const (
		header = `{"type":"header","parameters":[{"type":"image","image":{"id":"1"}}]}`
		body   = `{"type":"body","parameters":[{"type":"text","text":"Dana"},{"type":"text","text":"Friday"}]}`
		button = `{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"abc"}]}`
	)
	named := `[{"type":"BODY","text":"Hi {{name}}, at {{time}}."}]`
	for name, tt := range map[string]struct{ def, given, want string }{
		"all of it":               {definition, header + "," + body + "," + button, ""},
		"a payload besides":       {definition, header + "," + body + "," + button + `,{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"x"}]}`, ""},
		"an index that is number": {definition, header + "," + body + "," + strings.Replace(button, `"1"`, `1`, 1), ""},
		"nothing":                 {definition, "", "components: the header is not filled: it needs one parameter of type image"},
		"no body":                 {definition, header + "," + button, "components: the body is not filled: it needs 2 parameters"},
		"one too few":             {definition, header + "," + strings.Replace(body, `,{"type":"text","text":"Friday"}`, "", 1) + "," + button, "components[1].parameters: 1 given, the body needs 2 parameters"},
		"one too many":            {definition, header + "," + strings.Replace(body, `[{`, `[{"type":"text","text":"x"},{`, 1) + "," + button, "components[1].parameters: 3 given, the body needs 2 parameters"},
		"a picture in the body":   {definition, header + "," + strings.Replace(body, `"type":"text","text":"Dana"`, `"type":"image"`, 1) + "," + button, "components[1].parameters[0].type: one of text, currency, date_time is expected"},
		"a video on top":          {definition, strings.Replace(header, `"image",`, `"video",`, 1) + "," + body + "," + button, "components[0].parameters[0].type: the header needs image"},
		"an empty text":           {definition, header + "," + strings.Replace(body, `"Dana"`, `""`, 1) + "," + button, "components[1].parameters[0].text: a text that is not empty is expected"},
		"a footer that is filled": {definition, header + "," + body + "," + button + `,{"type":"footer","parameters":[{"type":"text","text":"x"}]}`, "components[3].parameters: the template's footer takes none"},
		"twice":                   {definition, header + "," + body + "," + body + "," + button, "components[2]: fills the body a second time"},
		"by name":                 {named, `{"type":"body","parameters":[{"type":"text","text":"a","parameter_name":"time"},{"type":"text","text":"b","parameter_name":"name"}]}`, ""},
		"by another name":         {named, `{"type":"body","parameters":[{"type":"text","text":"a","parameter_name":"day"},{"type":"text","text":"b","parameter_name":"name"}]}`, "components[0].parameters[0].parameter_name: the body has the placeholders name, time"},
		"one name twice":          {named, `{"type":"body","parameters":[{"type":"text","text":"a","parameter_name":"name"},{"type":"text","text":"b","parameter_name":"name"}]}`, "components[0].parameters[1].parameter_name: is given twice"},
		"none needed":             {`[{"type":"BODY","text":"Hello"}]`, "", ""},
		"not known":               {`null`, body, ""},
	} {
		got := ""
		if err := fits(json.RawMessage(tt.def), json.RawMessage("["+tt.given+"]")); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if err := fits(json.RawMessage(definition), json.RawMessage(`{}`)); err == nil {
		t.Error("an object was taken for a list")
	}
}

func TestValid(t *testing.T) {
	for name, tt := range map[string]struct{ template, components, want string }{
		"good":           {"visit_reminder", definition, ""},
		"a name":         {"Visit reminder", definition, "componentsname: 1 to 512 lower-case letters, digits and underscores are expected"},
		"no body":        {"a", `[{"type":"FOOTER","text":"x"}]`, "componentscomponents: exactly one BODY is expected"},
		"a gap":          {"a", `[{"type":"BODY","text":"{{1}} {{3}}"}]`, "componentscomponents[0].text: placeholders are numbered from {{1}} without gaps; {{2}} is missing"},
		"mixed":          {"a", `[{"type":"BODY","text":"{{1}} {{name}}"}]`, "componentscomponents[0].text: placeholders have either numbers or names"},
		"an unknown one": {"a", `[{"type":"BODY","text":"a"},{"type":"CAROUSEL?"}]`, "componentscomponents[1].type: one of HEADER, BODY, FOOTER, BUTTONS is expected"},
		"no list":        {"a", `{}`, "componentscomponents: a list of components in the provider's form is expected"},
	} {
		got := ""
		if err := Valid(Template{Name: tt.template, Components: json.RawMessage(tt.components)}); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// sample is the one change of a provider's notice.
func sample(t testing.TB, file string) (account, field string, value json.RawMessage) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Entry []struct {
			ID      string `json:"id"`
			Changes []struct {
				Field string          `json:"field"`
				Value json.RawMessage `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	return in.Entry[0].ID, in.Entry[0].Changes[0].Field, in.Entry[0].Changes[0].Value
}

func TestHandlerFollowsNotices(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	s := NewStore(db)
	h := NewHandler(s)
	began := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	tell := func(of ingest.TenantID, file string, after time.Duration) {
		t.Helper()
		account, field, value := sample(t, file)
		e, err := ingest.NewEvent(ingest.AccountUpdated, of, "k", began.Add(after), file, ingest.AccountUpdate{
			Tenant: of, Provider: "whatsapp", Account: account, Field: field, Value: value, At: began.Add(after),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // each comes twice
			if err := errors.Join(h.Handle(t.Context(), []ingest.Event{e})...); err != nil {
				t.Fatal(err)
			}
		}
	}
	const account = "420011223344550"
	made, err := s.Create(t.Context(), "acme", Template{Account: account, Name: "visit_reminder", Language: "en_US", Category: "utility", Status: Pending, Components: json.RawMessage(`[{"type":"BODY","text":"a"}]`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		file             string
		after            time.Duration
		status, category string
		quality, reason  string
	}{
		{"message_template_status_update_approved", time.Minute, "approved", "utility", "", ""},
		{"message_template_quality_update", 2 * time.Minute, "approved", "utility", "yellow", ""},
		{"message_template_status_update_paused", 3 * time.Minute, "paused", "marketing", "yellow", ""},
		{"message_template_status_update_approved", 150 * time.Second, "paused", "marketing", "yellow", ""}, // older
		{"message_template_status_update_rejected", 4 * time.Minute, "rejected", "marketing", "yellow", "The template has variables with no sample text."},
		{"template_category_update_impending", 5 * time.Minute, "rejected", "marketing", "yellow", "The template has variables with no sample text."},
		{"message_template_status_update_disabled", 6 * time.Minute, "disabled", "marketing", "yellow", ""},
		{"message_template_status_update_approved", 7 * time.Minute, "approved", "utility", "yellow", ""},
		{"message_template_status_update_paused", 7 * time.Minute, "paused", "marketing", "yellow", ""}, // in the same second
	} {
		tell("acme", step.file, step.after)
		got, err := s.Template(t.Context(), "acme", made.ID)
		if err != nil || got.Status != step.status || got.Category != step.category || got.Quality != step.quality || got.Reason != step.reason || got.ProviderID == "" && step.after > 0 {
			t.Errorf("after %s: %+v, %v", step.file, got, err)
		}
	}
	tell("globex", "message_template_status_update_approved", time.Minute) // one that nobody knew of
	if list, _, err := s.Templates(t.Context(), "globex", Filter{Status: Approved}); err != nil || len(list) != 1 || list[0].Components != nil {
		t.Errorf("globex has %+v, %v", list, err)
	}
	var told int
	if err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&told)
	}); err != nil || told != 8 {
		t.Errorf("%d announcements, want one for each change, %v", told, err)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	s := NewStore(schematest.Postgres(t))
	one := Template{Account: "1", Name: "hello", Language: "en", Status: Approved, Components: json.RawMessage(`[{"type":"BODY","text":"a"}]`)}
	made, err := s.Create(t.Context(), "acme", one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), "acme", one); !errors.Is(err, ErrExists) {
		t.Errorf("the same again: %v", err)
	}
	if _, err := s.Create(t.Context(), "globex", one); err != nil {
		t.Errorf("of another tenant: %v", err)
	}
	if _, err := s.Template(t.Context(), "globex", made.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another tenant reads it: %v", err)
	}
	if err := s.Delete(t.Context(), "globex", made.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another tenant deletes it: %v", err)
	}
	more := one
	more.Name, more.Quality = "bye", "green"
	if err := s.Fetched(t.Context(), "acme", "1", []Template{more, one}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for after := ""; ; {
		page, next, err := s.Templates(t.Context(), "acme", Filter{Limit: 1, After: after})
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, page[0].Name)
		if after = next; next == "" {
			break
		}
	}
	if !cmp.Equal(names, []string{"bye", "hello"}) {
		t.Errorf("listed %v", names)
	}
}

func FuzzFits(f *testing.F) {
	f.Add([]byte(definition), []byte(`[{"type":"body","parameters":[{"type":"text","text":"a"}]}]`))
	for _, file := range []string{"template_named", "template_positional"} {
		raw, err := os.ReadFile("testdata/" + file + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(definition), raw)
	}
	f.Fuzz(func(t *testing.T, def, given []byte) {
		var m *Mismatch
		if err := fits(def, given); err != nil && !errors.As(err, &m) {
			t.Errorf("an error that is no mismatch: %v", err)
		}
		_ = Valid(Template{Name: "a", Components: def})
	})
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{"message_template_status_update_rejected", "message_template_quality_update", "template_category_update_done"} {
		_, field, value := sample(f, file)
		f.Add(field, []byte(value))
	}
	f.Fuzz(func(t *testing.T, field string, value []byte) {
		if c, ok := read(field, value); ok && (c.name == "" || c.language == "") {
			t.Errorf("a template without a name: %+v", c)
		}
	})
}

// TestNoticesOfOneSecond applies notices of each kind that bear the same time.
func TestNoticesOfOneSecond(t *testing.T) {
	t.Parallel()
	s := NewStore(schematest.Postgres(t))
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []change{
		{name: "a", language: "en", quality: "red"}, {name: "a", language: "en", category: "marketing"}, {name: "a", language: "en", status: "paused", reason: "quality"},
	} {
		if err := s.note(t.Context(), "acme", "1", c, at); err != nil {
			t.Fatal(err)
		}
	}
	older := change{name: "a", language: "en", status: "approved", quality: "green", category: "utility"}
	if err := s.note(t.Context(), "acme", "1", older, at.Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	got, err := s.named(t.Context(), "acme", Key{Account: "1", Name: "a", Language: "en"})
	if err != nil || got.Quality != "red" || got.Category != "marketing" || got.Status != "paused" || got.Reason != "quality" {
		t.Errorf("after three notices of one second: %+v, %v", got, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := NewStore(schematest.Postgres(t))
	for _, one := range []Template{
		{Name: "live", Status: Approved}, {Name: "judged", Status: Pending}, {Name: "tried", Status: Approved, Test: true},
	} {
		one.Account, one.Language, one.Category, one.Components = "1", "en", "utility", json.RawMessage(`[{"type":"BODY","text":"At {{1}}"}]`)
		if _, err := s.Create(t.Context(), "acme", one); err != nil {
			t.Fatal(err)
		}
	}
	filled := json.RawMessage(`[{"type":"body","parameters":[{"type":"text","text":"noon"}]}]`)
	for _, tt := range []struct {
		name       string
		test       bool
		components json.RawMessage
		known      bool
		want       error
	}{
		{"live", false, filled, true, nil},
		{"live", true, filled, true, nil}, // the sandbox has it too
		{"tried", true, filled, true, nil},
		{"tried", false, filled, false, nil}, // the provider's to judge
		{"none", true, nil, false, nil},
		{"judged", false, filled, true, ErrNotApproved},
		{"live", false, nil, true, &Mismatch{"", "the body is not filled: it needs one parameter"}},
	} {
		got, err := s.Check(t.Context(), "acme", Key{Account: "1", Test: tt.test, Name: tt.name, Language: "en"}, tt.components)
		if fmt.Sprint(err) != fmt.Sprint(tt.want) || (got.Category == "utility") != tt.known {
			t.Errorf("%s, in the sandbox %t: %+v, %v; want %v", tt.name, tt.test, got, err, tt.want)
		}
	}
}
