package api_test

import (
	"fmt"
	"testing"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

func TestContacts(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	c.do("PUT", "/v1/contacts/fields", `{"fields":[{"name":"birthday","type":"date"},{"name":"size","type":"choice","options":["S","M"]}]}`, 200)
	if got := list(c.do("GET", "/v1/contacts/fields", "", 200)); len(got) != 2 {
		t.Errorf("fields = %v", got)
	}
	c.do("PUT", "/v1/contacts/fields", `{"fields":[{"name":"birthday","type":"date","options":["a"]}]}`, 400)

	made := data(c.do("POST", "/v1/contacts", `{"name":"Maria Santos","phone":"612-3456","email":"maria@example.com","notes":"Prefers morning appointments","tags":["new"],"fields":{"birthday":"1990-02-28","crm":{"id":7}}}`, 201))
	if text(made, "phone") != "+5016123456" || text(made, "segment") != "lead" || text(made, "source") != "api" {
		t.Errorf("made %v", made)
	}
	id := text(made, "id")
	if e := c.do("POST", "/v1/contacts", `{"phone":"+5016123456"}`, 409); code(e) != "identifier_taken" {
		t.Errorf("twice: %v", e)
	}
	for _, body := range []string{`{}`, `{"name":" "}`, `{"phone":"12"}`, `{"name":"a","segment":"gold"}`, `{"name":"a","fields":{"birthday":"soon"}}`, `{"name":"a","tenant_id":"x"}`, `{"name":"a","fields":{"a b":1}}`} {
		c.do("POST", "/v1/contacts", body, 400)
	}
	again := data(c.do("POST", "/v1/contacts", `{"name":"Once"}`, 201, "Idempotency-Key", "one"))
	if got := data(c.do("POST", "/v1/contacts", `{"name":"Once"}`, 201, "Idempotency-Key", "one")); text(got, "id") != text(again, "id") {
		t.Errorf("the same request made %v and %v", again, got)
	}

	got := data(c.do("PATCH", "/v1/contacts/"+id, `{"segment":"vip","stage":"won","fields":{"crm":null,"size":"M"}}`, 200))
	if text(got, "segment") != "vip" || text(got, "name") != "Maria Santos" || len(got["fields"].(map[string]any)) != 2 {
		t.Errorf("changed %v", got)
	}
	if got := data(c.do("GET", fmt.Sprintf("/v1/contacts/%v", made["number"]), "", 200)); text(got, "id") != id {
		t.Errorf("by number %v", got)
	}
	for query, want := range map[string]int{"q=santos+maria": 1, "q=maria@": 1, "q=6123456": 1, "phone=6123456": 1, "email=MARIA@example.com": 1, "segment=vip": 1, "stage=won": 1, "tag=new": 1, "q=nobody": 0, "sort=name&limit=1": 1} {
		if got := list(c.do("GET", "/v1/contacts?"+query, "", 200)); len(got) != want {
			t.Errorf("%s: %d contacts, want %d", query, len(got), want)
		}
	}
	channel := text(data(c.do("GET", "/v1/messages/"+string(w.Receive(t, w.Maya.ID, "main", "+14155557777", "Hi")), "", 200)), "channel_id")
	c.do("PUT", "/v1/contacts/"+id+"/consents", fmt.Sprintf(`{"channel_id":%q,"category":"marketing","allowed":false}`, channel), 200)
	if got := data(c.do("GET", "/v1/contacts/"+id, "", 200)); len(got["consents"].([]any)) != 1 {
		t.Errorf("consents of %v", got)
	}
}

func TestMergeByAPI(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	first := text(data(c.do("POST", "/v1/contacts", `{"name":"Ann","phone":"+5016123456"}`, 201)), "id")
	second := text(data(c.do("POST", "/v1/contacts", `{"name":"Ann Lee"}`, 201)), "id")
	c.do("POST", "/v1/contacts/"+second+"/identifiers", `{"kind":"email","value":"Ann@Example.com"}`, 200)
	if e := c.do("POST", "/v1/contacts/"+second+"/identifiers", `{"kind":"phone","value":"+5016123456"}`, 409); code(e) != "identifier_taken" {
		t.Errorf("another's number: %v", e)
	}
	got := data(c.do("POST", "/v1/contacts/"+first+"/merge", fmt.Sprintf(`{"contact_id":%q}`, second), 200))
	if text(got, "email") != "ann@example.com" || len(got["identifiers"].([]any)) != 2 {
		t.Errorf("merged %v", got)
	}
	if e := c.do("POST", "/v1/contacts/"+second+"/merge", fmt.Sprintf(`{"contact_id":%q}`, first), 409); code(e) != "same_contact" {
		t.Errorf("the other way: %v", e)
	}
	if got := data(c.do("GET", "/v1/contacts/"+second, "", 200)); text(got, "merged_into") != first {
		t.Errorf("the merged one is %v", got)
	}
	c.do("POST", "/v1/contacts/"+second+"/unmerge", "", 200)
	if e := c.do("POST", "/v1/contacts/"+second+"/unmerge", "", 409); code(e) != "not_merged" {
		t.Errorf("twice unmerged: %v", e)
	}
	if got := list(c.do("GET", "/v1/contacts/"+first+"/history", "", 200)); len(got) != 2 {
		t.Errorf("history %v", got)
	}
}

func TestConversationsOfTheDesk(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	first := w.Receive(t, w.Maya.ID, "main", "+14155557777", "Hello")
	id := text(data(c.do("GET", "/v1/messages/"+string(first), "", 200)), "conversation_id")
	w.Receive(t, w.Maya.ID, "main", "+14155557777", "Are you there?")
	other := w.Receive(t, w.Maya.ID, "main", "+14155558888", "Hi\x00 there")
	at := "/v1/conversations/" + id
	got := data(c.do("GET", at, "", 200))
	if fmt.Sprint(got["unanswered"]) != "2" || text(got["last_message"].(map[string]any), "text") != "Are you there?" {
		t.Errorf("at a glance %v", got)
	}
	if got := list(c.do("GET", "/v1/conversations?unanswered=true", "", 200)); len(got) != 2 {
		t.Errorf("unanswered %v", got)
	}
	c.do("POST", "/v1/messages", fmt.Sprintf(`{"conversation_id":%q,"text":"Yes"}`, id), 201)
	if got := list(c.do("GET", "/v1/conversations?unanswered=true", "", 200)); len(got) != 1 || text(got[0].(map[string]any), "id") == id {
		t.Errorf("unanswered after an answer %v", got)
	}
	for query, want := range map[string]int{"updated_from=2020-01-01T00:00:00Z": 2, "updated_to=2020-01-01T00:00:00Z": 0, "assignee=ana": 0} {
		if got := list(c.do("GET", "/v1/conversations?"+query, "", 200)); len(got) != want {
			t.Errorf("%s: %d conversations, want %d", query, len(got), want)
		}
	}
	for _, who := range []string{"ana", "luis"} {
		if got := data(c.do("POST", at+"/assign", fmt.Sprintf(`{"assignee":%q}`, who), 200)); text(got, "assignee") != who || text(got, "owner") != "person" {
			t.Errorf("assigned to %s: %v", who, got)
		}
	}
	if got := list(c.do("GET", "/v1/conversations?assignee=luis", "", 200)); len(got) != 1 {
		t.Errorf("of luis %v", got)
	}
	if got := data(c.do("POST", at+"/resume", "", 200)); text(got, "assignee") != "" || text(got, "owner") != "bot" {
		t.Errorf("resumed %v", got)
	}
	c.do("POST", at+"/close", "", 200)
	c.do("POST", at+"/assign", `{"assignee":"ana"}`, 409)

	oldest := c.do("GET", at+"/messages?order=oldest&limit=2", "", 200)
	if got := list(oldest); len(got) != 2 || text(got[0].(map[string]any), "id") != string(first) {
		t.Errorf("oldest first %v", got)
	}
	cursor := text(oldest["meta"].(map[string]any), "cursor")
	if got := list(c.do("GET", at+"/messages?order=oldest&limit=2&cursor="+cursor, "", 200)); len(got) != 1 || text(got[0].(map[string]any), "direction") != "outbound" {
		t.Errorf("and then %v", got)
	}
	if got := list(c.do("GET", at+"/messages?after_id="+string(first), "", 200)); len(got) != 2 || text(got[1].(map[string]any), "id") == string(first) {
		t.Errorf("after the first %v", got)
	}
	c.do("GET", at+"/messages?before_id="+string(other), "", 404)
}
