package agent_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"frontdesk/agent"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// handing has w's recorder hand over to w's turns.
func (w *world) handing() {
	w.recorder = agent.NewRecorder(w.db, w.agents, w.contacts, w.conversations, agent.RecorderConfig{Pace: -1, Turns: w.turns, Recorded: w.turns.Wake})
}

// What is handed over must be decided from the state that would be read back.
func TestWhatIsHandedOverIsDecidedLikeWhatIsRead(t *testing.T) {
	t.Parallel()
	var states [2][]agent.State
	var asked [2]int
	for i := range states {
		w := newWorld(t)
		w.agent(acme, nil)
		if i == 1 {
			w.handing()
		}
		stop := w.turns.Take(t.Context(), i == 1)
		w.record(said(acme, "a", "Where is parking?", phone(1)), said(acme, "b", "And what are your hours?", phone(1)), said(acme, "c", "hours", phone(2)))
		later := said(acme, "d", "parking again", phone(1)) // the conversation is there by now
		later.At = morning.Add(1e9)
		w.record(later)
		if n := agent.Leased(t, w.db); n != 2*i {
			t.Errorf("%d turns are leased as they are recorded, want %d", n, 2*i)
		}
		stop()
		w.run()
		if n := agent.Waiting(t, w.db); n != 0 {
			t.Errorf("%d conversations still wait", n)
		}
	}
	for i := range states {
		w := newWorld(t)
		w.agent(acme, nil)
		if i == 1 {
			w.handing()
		}
		var running sync.WaitGroup
		running.Go(func() { w.runWhile(func() bool { return len(w.replies()) < 1 }) })
		w.turns.Opened()
		w.record(said(acme, "a", "Where is parking?", phone(1)), said(acme, "b", "Is it free?", phone(1)))
		running.Wait()
		if asked[i] = w.knowledge.asked; asked[i] != asked[0] { // it was decided on what is not so, and then anew
			t.Errorf("the knowledge was asked %d times for one turn, and %d times where it was read", asked[i], asked[0])
		}
		for _, turn := range w.history(w.only(acme).ID) {
			states[i] = append(states[i], turn.State)
		}
	}
	if diff := cmp.Diff(states[0], states[1], cmpopts.IgnoreFields(agent.State{}, "Conversation", "Agent", "Now"), cmpopts.IgnoreUnexported(dialogue.Catalogue{}), cmpopts.EquateEmpty()); diff != "" || len(states[0]) != 1 {
		t.Errorf("%d turns; handed over and read differ:\n%s", len(states[0]), diff)
	}
}

func TestNothingIsLeasedForTurnsThatDoNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.handing()
	w.record(said(acme, "a", "Where is parking?", phone(1)))
	if n := agent.Leased(t, w.db); n != 0 {
		t.Errorf("%d turns are leased to nobody", n)
	}
	w.run()
	if got := len(w.replies()); got != 1 {
		t.Errorf("%d replies, want 1", got)
	}
}

func TestADebouncedTurnIsNotHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, func(a *agent.Agent) { a.Debounce = 1e9 })
	w.handing()
	defer w.turns.Take(t.Context(), true)()
	w.record(said(acme, "a", "Where is parking?", phone(1)), said(acme, "b", "STOP", phone(2)))
	if n := agent.Leased(t, w.db); n != 1 {
		t.Errorf("%d turns are leased, want the opt-out alone", n)
	}
}

func TestEightRecordersHandOverAndAnswerOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.handing()
	var list []ingest.Message
	for i := range 40 {
		list = append(list, said(acme, string(rune('A'+i)), "Where is parking?", phone(i%20)))
	}
	var running, recording sync.WaitGroup
	running.Go(func() { w.runWhile(func() bool { return len(w.replies()) < 20 || agent.Waiting(w.t, w.db) > 0 }) })
	w.turns.Opened()
	for range 8 {
		recording.Go(func() {
			for _, err := range w.recorder.Handle(t.Context(), events(t, list...)) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	recording.Wait()
	running.Wait()
	answered := map[ingest.MessageID]int{}
	for _, e := range w.published(ingest.TurnCompleted) {
		var turn ingest.Turn
		if err := e.DecodeData(&turn); err != nil {
			t.Fatal(err)
		}
		for _, id := range turn.Messages {
			answered[id]++
		}
	}
	for _, m := range list {
		if answered[m.ID] != 1 {
			t.Errorf("a message was answered %d times", answered[m.ID])
		}
	}
}

// Turns are claimed while recorders hand others over, and both want the last
// places: whoever comes second must not wait for what only the first can finish.
func TestClaimsAndRecordersWantTheLastPlaces(t *testing.T) {
	t.Parallel()
	const each = 40
	w := newWorld(t)
	w.agent(acme, nil)
	plain := w.recorder
	w.turns = w.newTurns(agent.TurnsConfig{Pace: -1, Poll: time.Millisecond, Batch: 1})
	w.handing()
	var running, recording sync.WaitGroup
	running.Go(func() {
		w.runWhile(func() bool { return len(w.replies()) < 4*each || agent.Waiting(w.t, w.db) > 0 })
	})
	w.turns.Opened()
	for r, recorder := range []*agent.Recorder{plain, w.recorder, w.recorder, w.recorder} {
		recording.Go(func() {
			for i := 0; i < each; i += 2 {
				n := r*each + i
				pair := events(t, said(acme, fmt.Sprint("m", n), "Where is parking?", phone(n)), said(acme, fmt.Sprint("m", n+1), "Where is parking?", phone(n+1)))
				for _, err := range recorder.Handle(t.Context(), pair) {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	recording.Wait()
	running.Wait()
	if got := len(w.replies()); got != 4*each {
		t.Errorf("%d replies, want %d", got, 4*each)
	}
}
