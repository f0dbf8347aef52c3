package agent_test

import (
	"fmt"
	"testing"

	"frontdesk/kb"
)

// A question that was declined is a gap of the tenant that was asked, once for
// each who asked it, however often its callback came; what was answered, and
// what asks nothing, is none.
func TestADeclinedQuestionIsAGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agent(acme, nil)
	w.agent(globex, nil)
	for i, text := range []string{"do you sell pizza?", "hi, do you have parking?", "thanks!", "Do you sell pizzas?", "is there a swimming pool"} {
		m := said(acme, fmt.Sprint("wamid.", i), text, phone(i+1))
		for range 3 {
			w.record(m)
			w.run()
		}
	}
	knowledge := kb.NewStore(w.db, kb.Config{})
	defer knowledge.Close()
	gaps, _, err := knowledge.Gaps(t.Context(), acme, kb.GapFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(gaps) != 2 || gaps[0].Question != "do you sell pizza?" || gaps[0].Count != 2 || gaps[1].Question != "is there a swimming pool" || gaps[1].Count != 1 || gaps[0].Language != "en" {
		t.Errorf("gaps %+v, want the pizza twice and the pool once", gaps)
	}
	if other, _, err := knowledge.Gaps(t.Context(), globex, kb.GapFilter{}); err != nil || len(other) != 0 {
		t.Errorf("gaps of globex: %+v, %v, want none", other, err)
	}
}
