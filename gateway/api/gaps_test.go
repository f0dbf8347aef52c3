package api_test

import (
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
	"frontdesk/kb"
)

// TestKnowledgeGaps pages through what could not be answered, and sees nothing
// of the other tenant's.
func TestKnowledgeGaps(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	maya, reader := newClient(t, w, w.Maya.Keys["all"]), newClient(t, w, w.Maya.Keys["reader"])
	for _, q := range []string{"Is there a gym?", "Do you sell pizza?", "do you have pizza", "Do you sell pizza?"} {
		if err := w.Knowledge.RecordGap(t.Context(), w.Maya.ID, kb.Query{Text: q, Language: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Knowledge.RecordGap(t.Context(), w.Globex.ID, kb.Query{Text: "secret of globex"}); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	for cursor := ""; len(got) < 10; {
		v := maya.do("GET", "/v1/knowledge/gaps?limit=1"+cursor, "", 200)
		for _, g := range list(v) {
			got = append(got, g.(map[string]any))
		}
		m, _ := v["meta"].(map[string]any)
		if m["has_more"] != true {
			break
		}
		cursor = "&cursor=" + text(m, "cursor")
	}
	all := list(maya.do("GET", "/v1/knowledge/gaps", "", 200))
	if len(got) != len(all) || len(got) < 2 || text(got[0], "question") != "Do you sell pizza?" || got[0]["count"].(float64) < 2 {
		t.Errorf("gaps page by page %v, at once %v; want pizza first", got, all)
	}
	for _, g := range got {
		if text(g, "question") == "secret of globex" {
			t.Error("a gap of another tenant is listed")
		}
	}
	maya.do("GET", "/v1/knowledge/gaps?cursor=nonsense", "", 400)
	reader.do("GET", "/v1/knowledge/gaps", "", 403)
}
