package agent_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/agent"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

func TestAnswersFromKnowledge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.agent(acme, nil)
	c := w.talk(acme, phone(1), "hi, do you have parking?")
	if got := w.replies(); !cmp.Equal(got, []string{"Free parking behind the building."}) {
		t.Fatalf("replied %q", got)
	}
	turn := w.history(c.ID)[0]
	d := turn.Decision
	if d.Outcome != ingest.Answered || turn.Brain != "builtin/1" || turn.State.Messages[0].Text != "hi, do you have parking?" || turn.State.Agent != a.ID {
		t.Errorf("stored turn %+v", turn)
	}
	if len(d.Searches) != 1 || d.Searches[0].Hits[0].Score != 1 || d.Searches[0].Article != "art_parking" {
		t.Errorf("stored searches %+v; want what was retrieved, with scores", d.Searches)
	}
	told := w.published(ingest.TurnCompleted)
	var done ingest.Turn
	if len(told) != 1 || told[0].DecodeData(&done) != nil {
		t.Fatalf("announced %d turns", len(told))
	}
	if done.ID != turn.ID || done.Reply != turn.Reply || done.Number != 1 || len(done.Messages) != 1 || !done.ReceivedAt.Equal(morning) || done.Contact != c.Contact {
		t.Errorf("announced %+v", done)
	}
	m, err := w.conversations.Message(t.Context(), acme, turn.Reply)
	if err != nil || m.Status != ingest.Queued || m.Turn != turn.ID || m.Author != "bot" || m.Party.Identifiers[0] != phone(1) {
		t.Errorf("reply %+v, %v", m, err)
	}
}

func TestABurstIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, func(a *agent.Agent) { a.Debounce = 50 * time.Millisecond })
	w.record(said(acme, "1", "hello", phone(1)))
	w.record(said(acme, "2", "do you have", phone(1)), said(acme, "3", "parking", phone(1)))
	w.run()
	if got := w.replies(); !cmp.Equal(got, []string{"Free parking behind the building."}) {
		t.Errorf("replied %q to one burst", got)
	}
	if turns := w.history(w.only(acme).ID); len(turns) != 1 || len(turns[0].State.Messages) != 3 {
		t.Errorf("%d turns", len(turns))
	}
}

func TestADebounceIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, func(a *agent.Agent) { a.Debounce = time.Second })
	w.record(said(acme, "0", "hello", phone(1)))
	if got := agent.DueIn(t, w.db); got != time.Second {
		t.Errorf("due in %v, want a debounce", got)
	}
	w.record(said(acme, "stop", "STOP", phone(1)))
	if got := agent.DueIn(t, w.db); got >= time.Second {
		t.Errorf("an opt-out is due in %v, want at once", got)
	}
}

func TestDialogues(t *testing.T) {
	t.Parallel()
	unknown := "I'm sorry, I don't know that. I'll get someone to answer you."
	rephrase := "I'm sorry, I did not understand that. Could you put it another way?"
	lost := "I'm sorry, I did not understand that. I'll get someone to help you."
	person := "I'll get someone to help you. Please wait a little for their reply."
	out := "Casa Maya: you will get no more messages from us here. Reply START to get them again."
	tests := []struct {
		name     string
		says     []string
		replies  []string
		outcomes []ingest.Outcome
		owner    conversation.Owner
		reason   string
	}{
		{"greeting", []string{"Hello!"}, []string{"Hello, this is Casa Maya. How can I help you?"}, []ingest.Outcome{ingest.Greeted}, conversation.Bot, ""},
		{"thanks in Spanish", []string{"muchas gracias"}, []string{"¡De nada!"}, []ingest.Outcome{ingest.Greeted}, conversation.Bot, ""},
		{"language is remembered", []string{"hola, ¿tienen parking?", "ok 👍", "xyzzy plugh"}, []string{"Free parking behind the building.", "Lo siento, no lo he entendido. ¿Podría decirlo de otra manera?"}, []ingest.Outcome{ingest.Answered, ingest.Silent, ingest.Declined}, conversation.Bot, ""},
		{"a language that the business has not", []string{"quali sono i vostri xyzzy?"}, []string{unknown}, []ingest.Outcome{ingest.Declined}, conversation.Person, "unsupported"},
		{"nothing supports an answer", []string{"do you sell elephants?"}, []string{unknown}, []ingest.Outcome{ingest.Declined}, conversation.Person, "unsupported"},
		{"not understood twice", []string{"xyzzy plugh", "plugh xyzzy"}, []string{rephrase, lost}, []ingest.Outcome{ingest.Declined, ingest.HandedOff}, conversation.Person, "failures"},
		{"thanks with a question", []string{"thanks! do you sell elephants?"}, []string{unknown}, []ingest.Outcome{ingest.Declined}, conversation.Person, "unsupported"},
		{"thanks and a farewell", []string{"gracias, hasta el lunes"}, []string{"¡De nada!"}, []ingest.Outcome{ingest.Greeted}, conversation.Bot, ""},
		{"an answer between failures", []string{"xyzzy plugh", "parking?", "plugh"}, []string{rephrase, "Free parking behind the building.", rephrase}, []ingest.Outcome{ingest.Declined, ingest.Answered, ingest.Declined}, conversation.Bot, ""},
		{"asks for a person, who then owns it", []string{"can I talk to a real person", "parking?"}, []string{person}, []ingest.Outcome{ingest.HandedOff, ingest.Silent}, conversation.Person, "asked"},
		{"asks in German", []string{"ich möchte mit einem Mitarbeiter sprechen"}, []string{"Ich hole jemanden, der Ihnen hilft. Bitte warten Sie einen Moment auf die Antwort."}, []ingest.Outcome{ingest.HandedOff}, conversation.Person, "asked"},
		{"the agent's own word", []string{"persona por favor"}, []string{"Voy a avisar a una persona para que le ayude. Por favor, espere un poco su respuesta."}, []ingest.Outcome{ingest.HandedOff}, conversation.Person, "asked"},
		{"wants an appointment", []string{"I'd like to book an appointment"}, []string{person}, []ingest.Outcome{ingest.HandedOff}, conversation.Person, "booking"},
		{"stop, once confirmed, then silence", []string{"Stop", "stop", "parking?"}, []string{out}, []ingest.Outcome{ingest.OptedOut, ingest.Silent, ingest.Silent}, conversation.Bot, ""},
		{"stop in a sentence", []string{"please stop texting me"}, []string{out}, []ingest.Outcome{ingest.OptedOut}, conversation.Bot, ""},
		{"stop and start", []string{"BAJA", "start", "parking?"}, []string{"Casa Maya: no recibirá más mensajes nuestros por aquí. Responda START para volver a recibirlos.", "", ""}, []ingest.Outcome{ingest.OptedOut, ingest.OptedIn, ingest.Answered}, conversation.Bot, ""},
		{"cancel on WhatsApp is no opt-out", []string{"cancel"}, nil, []ingest.Outcome{ingest.HandedOff}, conversation.Person, "booking"},
		{"stop while a person owns it", []string{"agent please", "STOP"}, []string{person, out}, []ingest.Outcome{ingest.HandedOff, ingest.OptedOut}, conversation.Person, "asked"},
		{"help", []string{"HELP"}, nil, []ingest.Outcome{ingest.Greeted}, conversation.Bot, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.agent(acme, func(a *agent.Agent) { a.Handoff.Words = []string{"persona"} })
			c := w.talk(acme, phone(1), tt.says...)
			got := w.replies()
			if len(tt.replies) > 0 && len(got) != len(tt.replies) {
				t.Errorf("replied %q, want %q", got, tt.replies)
			}
			for i := range min(len(got), len(tt.replies)) {
				if tt.replies[i] != "" && got[i] != tt.replies[i] {
					t.Errorf("reply %d is %q, want %q", i, got[i], tt.replies[i])
				}
			}
			if out := w.outcomes(); !cmp.Equal(out, tt.outcomes) {
				t.Errorf("outcomes %v, want %v", out, tt.outcomes)
			}
			if c.Owner != tt.owner || c.OwnerReason != tt.reason {
				t.Errorf("owner %s because %q, want %s because %q", c.Owner, c.OwnerReason, tt.owner, tt.reason)
			}
			want := 0
			if tt.owner == conversation.Person {
				want = 1
			}
			if told := w.published(ingest.HandoffRequested); len(told) != want {
				t.Errorf("%d handoffs announced, want %d", len(told), want)
			}
		})
	}
}

func TestOptOutIsAPreference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	c := w.talk(acme, phone(1), "STOP")
	allowed := func(ch ingest.ChannelID, category string, tenant ingest.TenantID) bool {
		t.Helper()
		ok, err := w.contacts.Allowed(t.Context(), tenant, c.Contact, ch, category)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if allowed(channel, "marketing", acme) || allowed(channel, "service", acme) {
		t.Error("messages are still allowed after STOP")
	}
	if !allowed("chn_2", "marketing", acme) || !allowed(channel, "marketing", globex) || !allowed(channel, contact.CategoryConfirmation, acme) {
		t.Error("STOP reached another channel or tenant, or stopped its own confirmation")
	}
	if n := len(w.published(ingest.ConsentChanged)); n != 1 {
		t.Errorf("%d changes of consent announced, want 1", n)
	}
	var m ingest.Message
	if err := w.published(ingest.MessageQueued)[0].DecodeData(&m); err != nil || m.Category != contact.CategoryConfirmation {
		t.Errorf("confirmation has category %q", m.Category)
	}
}

func TestProvidersOptWordIsRecordedWithoutAReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	for i, word := range []ingest.OptWord{ingest.OptStop, ingest.OptStart, ingest.OptHelp} {
		m := said(acme, fmt.Sprint(i), string(word), phone(1))
		m.Provider, m.OptWord, m.At = "twilio", word, morning.Add(time.Duration(i)*time.Minute)
		w.record(m)
		w.run()
	}
	if got := w.outcomes(); !cmp.Equal(got, []ingest.Outcome{ingest.OptedOut, ingest.OptedIn, ingest.Silent}) || len(w.replies()) != 0 {
		t.Errorf("outcomes %v, replies %q", got, w.replies())
	}
}

func TestSMSKeywords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	for i, text := range []string{"CANCEL", "yes"} {
		m := said(acme, fmt.Sprint(i), text, phone(1))
		m.Provider, m.At = "twilio", morning.Add(time.Duration(i)*time.Minute)
		w.record(m)
		w.run()
	}
	if got := w.outcomes(); !cmp.Equal(got, []ingest.Outcome{ingest.OptedOut, ingest.OptedIn}) {
		t.Errorf("outcomes %v", got)
	}
}

func TestWhatIsNoPrompt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	reaction := said(acme, "1", "", phone(1))
	reaction.Content = ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{ProviderID: "x", Emoji: "👍"}}
	unsupported := said(acme, "2", "", phone(1))
	unsupported.Content.Type = ingest.Unsupported
	notice := said(acme, "3", "number changed", phone(1))
	notice.Content.Type = ingest.System
	group := said(acme, "4", "parking?", phone(1))
	group.Group = "g1"
	w.record(reaction, unsupported, notice, group)
	w.run()
	if got := w.replies(); len(got) != 0 {
		t.Errorf("replied %q to what asks nothing", got)
	}
	list, _, err := w.conversations.Messages(t.Context(), acme, conversation.MessageFilter{})
	if err != nil || len(list) != 4 {
		t.Errorf("%d of 4 kept, %v", len(list), err)
	}
}

func TestMediaWithoutWordsGoesToAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	m := said(acme, "1", "", phone(1))
	m.Content = ingest.Content{Type: ingest.Image, Media: []ingest.Media{{ID: "x"}}}
	w.record(m)
	w.run()
	if c := w.only(acme); c.Owner != conversation.Person || c.OwnerReason != agent.ReasonUnreadable {
		t.Errorf("owner %s because %q", c.Owner, c.OwnerReason)
	}
}

func TestWithoutAnAgentNothingIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, func(a *agent.Agent) { a.Status = agent.Paused })
	w.talk(acme, phone(1), "parking?")
	if got := w.outcomes(); !cmp.Equal(got, []ingest.Outcome{ingest.Silent}) || len(w.replies()) != 0 {
		t.Errorf("outcomes %v, replies %q", got, w.replies())
	}
}

func TestTroubleIsTriedAgainAndThenAPersonsMatter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.knowledge.fault = errors.New("no database")
	w.record(said(acme, "1", "parking?", phone(1)))
	w.runAll(w.newTurns(agent.TurnsConfig{Pace: -1, Poll: 5 * time.Millisecond, Attempts: 1}))
	if c := w.only(acme); c.Owner != conversation.Person || c.OwnerReason != agent.ReasonTrouble {
		t.Errorf("owner %s because %q", c.Owner, c.OwnerReason)
	}
	if n := len(w.replies()); n != 1 {
		t.Errorf("%d replies, want one", n)
	}
}

// A person takes over while the bot thinks: what it thought of is dropped.
func TestAReplyIsDroppedWhenAPersonTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.record(said(acme, "1", "parking?", phone(1)))
	id := w.only(acme).ID
	var once sync.Once
	w.knowledge.meanwhile = func() {
		once.Do(func() {
			if _, err := w.conversations.HandOff(t.Context(), acme, id, "mine", "key_1"); err != nil {
				t.Error(err)
			}
		})
	}
	w.run()
	if got := w.replies(); len(got) != 0 {
		t.Errorf("the bot replied %q over a person", got)
	}
	if got := w.outcomes(); !cmp.Equal(got, []ingest.Outcome{ingest.Silent}) {
		t.Errorf("outcomes %v, want the turn decided anew, as silent", got)
	}
}

// A message comes while the bot thinks: both are answered together, once.
func TestATurnIsDecidedAnewWhenAMessageComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.record(said(acme, "1", "parking?", phone(1)))
	var once sync.Once
	w.knowledge.meanwhile = func() {
		once.Do(func() { w.record(said(acme, "2", "and your hours?", phone(1))) })
	}
	w.run()
	want := []string{"Free parking behind the building.\n\nWe are open from 8 to 5."}
	if got := w.replies(); !cmp.Equal(got, want) {
		t.Errorf("replied %q, want %q", got, want)
	}
}

func TestAnsweredAfterAWorkerDied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.record(said(acme, "1", "parking?", phone(1)))
	if n, err := w.turns.Lease(t.Context(), 100); n != 1 || err != nil {
		t.Fatalf("leased %d, %v", n, err)
	}
	if n, err := w.turns.Lease(t.Context(), 100); n != 0 || err != nil {
		t.Fatalf("leased %d again while the lease lasts, %v", n, err)
	}
	agent.Expire(t, w.db)
	reborn := worldOn(t, w.db)
	reborn.run()
	if got := reborn.replies(); !cmp.Equal(got, []string{"Free parking behind the building."}) {
		t.Errorf("replied %q after the restart", got)
	}
}

// Two workers whose leases mean nothing still never answer a burst twice.
func TestTwoWorkersNeverAnswerTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	const people = 40
	for i := range people {
		w.record(said(acme, fmt.Sprint("a", i), "parking?", phone(i)), said(acme, fmt.Sprint("b", i), "hours?", phone(i)))
	}
	w.knowledge.meanwhile = func() { agent.Expire(t, w.db) }
	cfg := agent.TurnsConfig{Pace: -1, Poll: time.Millisecond}
	w.runAll(w.newTurns(cfg), w.newTurns(cfg))
	if n := len(w.replies()); n != people {
		t.Errorf("%d replies to %d bursts", n, people)
	}
	if n := len(w.published(ingest.TurnCompleted)); n != people {
		t.Errorf("%d turns announced for %d bursts", n, people)
	}
}

// scene is a morning's messages: repeats of ids, two names of one person, a
// changed number, two tenants.
func scene() []ingest.Message {
	var list []ingest.Message
	add := func(tenant ingest.TenantID, minute int, text string, from ...ingest.Identifier) {
		m := said(tenant, fmt.Sprint("m", len(list)), text, from...)
		m.At = morning.Add(time.Duration(minute) * time.Minute)
		m.ID = ingest.InboundID(tenant, channel, m.At, m.ProviderID)
		list = append(list, m)
	}
	for i := range 6 {
		add(acme, i, "parking?", phone(i))
		add(globex, i, "hours?", phone(i))
	}
	add(acme, 10, "hello", user(1))
	add(acme, 11, "hello again", user(1), phone(1)) // the same person
	add(acme, 12, "hi", phone(2), user(2))
	add(acme, 13, "", phone(3))
	change := &list[len(list)-1]
	change.Content = ingest.Content{Type: ingest.System, System: &ingest.SystemChange{
		Kind: "user_changed_number", Previous: []ingest.Identifier{phone(3)}, Current: []ingest.Identifier{phone(33)},
	}}
	add(acme, 14, "it is me", phone(33))
	return list
}

// census describes the tenants' contacts and messages without their ids.
func (w *world) census() string {
	w.t.Helper()
	var lines []string
	for _, tenant := range []ingest.TenantID{acme, globex} {
		people, _, err := w.contacts.Contacts(w.t.Context(), tenant, contact.Filter{Limit: 100})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range people {
			list, _, err := w.conversations.Messages(w.t.Context(), tenant, conversation.MessageFilter{Contact: p.ID, Limit: 100})
			if err != nil {
				w.t.Fatal(err)
			}
			var ids []string
			for _, m := range list {
				ids = append(ids, m.ProviderID)
			}
			slices.Sort(ids)
			open, _, err := w.conversations.Conversations(w.t.Context(), tenant, conversation.Filter{Contact: p.ID, State: conversation.Open})
			if err != nil {
				w.t.Fatal(err)
			}
			var names []string
			for _, i := range p.Identifiers {
				names = append(names, i.Value)
			}
			slices.Sort(names)
			lines = append(lines, fmt.Sprintf("%s %v %v open %d until %v", tenant, names, ids, len(open), open[0].WindowUntil))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestDeliveredThreeTimesAndShuffled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(scene()...)
	want := w.census()
	for seed := range uint64(6) {
		w := newWorld(t)
		list := append(append(scene(), scene()...), scene()...)
		rng := rand.New(rand.NewPCG(seed, 1))
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for len(list) > 0 {
			n := min(1+rng.IntN(12), len(list))
			w.record(list[:n]...)
			list = list[n:]
		}
		if diff := cmp.Diff(want, w.census()); diff != "" {
			t.Errorf("seed %d:\n%s", seed, diff)
		}
	}
}

// Who left a number keeps what they wrote from it, however late it comes; who
// has it now is somebody else.
func TestANumberThatChangesHands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := func(m ingest.Message, minute int) ingest.Message {
		m.At = morning.Add(time.Duration(minute) * time.Minute)
		return m
	}
	change := said(acme, "change", "", phone(3))
	change.Content = ingest.Content{Type: ingest.System, System: &ingest.SystemChange{
		Kind: "user_changed_number", Previous: []ingest.Identifier{phone(3)}, Current: []ingest.Identifier{phone(33)},
	}}
	w.record(at(said(acme, "old", "hello", phone(3)), 1))
	w.record(at(change, 5))
	w.record(at(said(acme, "stranger", "hello", phone(3)), 9))
	w.record(at(said(acme, "late", "hello", phone(3)), 2))
	w.record(at(said(acme, "new", "hello", phone(33)), 6))
	want := []string{"[+15550000003] [stranger]", "[+15550000033] [change late new old]"}
	for _, line := range want {
		if got := w.census(); !strings.Contains(got, line) {
			t.Errorf("no %q in:\n%s", line, got)
		}
	}
}

func TestEightRecordersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(scene()...)
	want := w.census()
	w = newWorld(t)
	var wg sync.WaitGroup
	for seed := range uint64(8) {
		list := scene()
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		recorder := agent.NewRecorder(w.db, w.agents, w.contacts, w.conversations, agent.RecorderConfig{Pace: -1})
		wg.Go(func() {
			for part := range slices.Chunk(list, 5) {
				for _, err := range recorder.Handle(t.Context(), events(t, part...)) {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(want, w.census()); diff != "" {
		t.Errorf("eight recorders at once:\n%s", diff)
	}
}

func TestAPoisonEventIsFoundInItsBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, bad, worse := said(acme, "1", "hello", phone(1)), said(acme, "2", "hello", ingest.Identifier{Kind: ingest.Phone, Value: "nul\x00"}), event(t, said(acme, "3", "", phone(3)))
	worse.Data = []byte(`{"direction":7}`)
	outbound := said(acme, "4", "hello", phone(4))
	outbound.Direction = ingest.Outbound
	batch := append(events(t, good, bad), worse, event(t, outbound), event(t, said(acme, "5", "hello", phone(5))))
	errs := w.recorder.Handle(t.Context(), batch)
	for i, poison := range []bool{false, true, true, true, false} {
		if errors.Is(errs[i], ingest.ErrMalformed) != poison {
			t.Errorf("event %d: %v, poison %v", i, errs[i], poison)
		}
	}
	list, _, err := w.conversations.Messages(t.Context(), acme, conversation.MessageFilter{})
	if err != nil || len(list) != 2 {
		t.Errorf("%d of the 2 good messages stored, %v", len(list), err)
	}
}

func TestPreferenceEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wish := func(allowed bool, minute int) ingest.Event {
		p := ingest.Preference{Tenant: acme, Channel: channel, Party: ingest.Party{Identifiers: []ingest.Identifier{phone(1)}}, Category: "marketing", Allowed: allowed, Source: "user_preferences", At: morning.Add(time.Duration(minute) * time.Minute)}
		e, err := ingest.NewEvent(ingest.PreferenceChanged, acme, "k", p.At, fmt.Sprint(minute), p)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for _, list := range [][]ingest.Event{{wish(false, 5), wish(true, 1)}, {wish(true, 2), wish(false, 5)}} {
		for _, err := range w.recorder.Handle(t.Context(), list) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	people, _, err := w.contacts.Contacts(t.Context(), acme, contact.Filter{})
	if err != nil || len(people) != 1 {
		t.Fatalf("%d contacts, %v; a stranger's wish makes one", len(people), err)
	}
	for category, want := range map[string]bool{"marketing": false, "service": true} {
		if ok, err := w.contacts.Allowed(t.Context(), acme, people[0].ID, channel, category); ok != want || err != nil {
			t.Errorf("%s allowed %v, %v", category, ok, err)
		}
	}
	if n := len(w.published(ingest.ConsentChanged)); n != 1 {
		t.Errorf("%d changes announced, want 1: the others were older or the same", n)
	}
	if _, err := w.contacts.Erase(t.Context(), acme, people[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	later := int(time.Since(morning)/time.Minute) + 1
	for _, step := range []struct {
		list []ingest.Event
		want int
	}{{[]ingest.Event{wish(true, 6), wish(false, 5)}, 0}, {[]ingest.Event{wish(false, 5), wish(true, later)}, 1}} {
		for _, err := range w.recorder.Handle(t.Context(), step.list) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if people, _, err = w.contacts.Contacts(t.Context(), acme, contact.Filter{}); err != nil || len(people) != step.want {
			t.Errorf("%d contacts after the erasure, %v, want %d: only a new wish makes one", len(people), err, step.want)
		}
	}
}

func TestTestAndLiveConversationsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	live, test := said(acme, "1", "parking?", phone(1)), said(acme, "2", "parking?", phone(1))
	test.Test = true
	w.record(live, test)
	w.run()
	list, _, err := w.conversations.Conversations(t.Context(), acme, conversation.Filter{})
	if err != nil || len(list) != 2 || list[0].Test == list[1].Test {
		t.Fatalf("conversations %+v, %v", list, err)
	}
	for _, e := range w.published(ingest.MessageQueued) {
		var m ingest.Message
		if err := e.DecodeData(&m); err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.ID == m.Conversation && c.Test != m.Test {
				t.Errorf("a reply in a conversation with test %v has test %v", c.Test, m.Test)
			}
		}
	}
}

// TestAClaimTakesNoMoreThanThereIsRoomFor plans the claim while the table is
// known to be empty, as it is most of the time: what reads it once for each row
// then would take as many again each time.
func TestAClaimTakesNoMoreThanThereIsRoomFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	agent.KnownEmpty(t, w.db)
	if n, err := w.turns.Lease(t.Context(), 3); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if plan := agent.ClaimPlan(t, w.db); !strings.Contains(plan, "Tid Scan") {
		t.Errorf("what is claimed is looked for:\n%s", plan)
	}
	var list []ingest.Message
	for i := range 20 {
		list = append(list, said(acme, fmt.Sprint("m", i), "Where is parking?", phone(i)))
	}
	w.record(list...)
	for left := 20; left > 0; left -= 3 {
		if n, err := w.turns.Lease(t.Context(), 3); err != nil || n != min(3, left) {
			t.Fatalf("%d of %d turns were claimed, want %d (%v)", n, left, min(3, left), err)
		}
	}
}

// breaking is a brain that cannot be used.
type breaking struct{ tried atomic.Int32 }

func (*breaking) Name() string { return "breaking" }

func (b *breaking) Decide(context.Context, agent.State, agent.Tools) (agent.Decision, error) {
	b.tried.Add(1)
	panic("no brain")
}

// A brain that panics ends no process, and its turns are a person's in the end.
func TestABrainThatPanicsHandsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	b := &breaking{}
	w.turns = agent.NewTurns(agent.Parts{DB: w.db, Agents: w.agents, Contacts: w.contacts, Knowledge: w.knowledge, Businesses: town{}, Brain: b},
		agent.TurnsConfig{Pace: -1, Poll: 5 * time.Millisecond, Attempts: 1, Log: slog.New(slog.DiscardHandler)})
	w.record(said(acme, "1", "Where is parking?", phone(1)))
	w.runWhile(func() bool { return agent.Waiting(t, w.db) > 0 })
	if c := w.only(acme); c.Owner != conversation.Person || c.OwnerReason != agent.ReasonTrouble || b.tried.Load() != 2 {
		t.Errorf("owner %s because %q after %d tries", c.Owner, c.OwnerReason, b.tried.Load())
	}
	if got := w.replies(); len(got) != 1 {
		t.Errorf("replied %q, want once, that somebody will answer", got)
	}
}
