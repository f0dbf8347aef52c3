package agent

import (
	"context"

	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// handing is turns that a recorder gives to the turns of its own process as it
// records their messages: their rows are leased from the start, so that nobody
// has to claim them, and a conversation that the same transaction opens need not
// be read again. If the process dies the leases end, as others do.
type handing struct {
	turns  *Turns // nil hands nothing over
	tenant ingest.TenantID
	unsure bool // what contacts allow was changed in the same transaction

	held       int // places taken
	due        int // conversations that wait for a turn
	begun      map[ingest.ConversationID]*beginning
	won        []ingest.ConversationID // whose row was inserted
	generation int64
}

// beginning is what a turn starts from, as far as the recorder knows it.
type beginning struct {
	conversation conversation.Conversation
	prompts      []Prompt
	numbers      []*int64
	known        bool // it is all there is
}

// reset gives up what was begun, for another try or for good.
func (h *handing) reset() {
	if h.turns != nil {
		h.turns.leave(h.held)
	}
	h.held, h.due, h.begun, h.won = 0, 0, nil, nil
}

// lease takes places for those of list that need not wait, and returns for how
// many milliseconds each is leased.
func (h *handing) lease(list []*due, arrivals []conversation.Arrival, arrived []conversation.Arrived) []int64 {
	leases := make([]int64, len(list))
	if h.turns == nil {
		return leases
	}
	h.begun = map[ingest.ConversationID]*beginning{}
	for i, d := range list {
		if d.wait == 0 && h.turns.enter() {
			h.held++
			leases[i], h.begun[d.id] = h.turns.cfg.Lease.Milliseconds(), &beginning{}
		}
	}
	for i, in := range arrivals {
		b := h.begun[arrived[i].ID]
		if b == nil || !in.Prompt || !arrived[i].Fresh {
			continue
		}
		b.conversation, b.known = arrived[i].Conversation, in.New && arrived[i].Opened && !h.unsure
		b.prompts, b.numbers = append(b.prompts, promptOf(in.Message)), append(b.numbers, arrived[i].Number)
	}
	return leases
}

// whole reports whether some turn need not be loaded.
func (h *handing) whole() bool {
	for _, b := range h.begun {
		if b.known {
			return true
		}
	}
	return false
}

// deliver hands over what was leased, once the transaction is committed. It
// reports whether that was something, and nothing else waits.
func (h *handing) deliver(ctx context.Context) bool {
	var jobs []*job
	for _, id := range h.won {
		b := h.begun[id]
		if b == nil {
			continue // it waits
		}
		j := &job{waiting: waiting{tenant: h.tenant, conversation: id}}
		if b.complete() {
			j.Conversation, j.state.Messages, j.generation = b.conversation, b.prompts, h.generation
			j.answered = *b.numbers[len(b.numbers)-1]
		}
		jobs = append(jobs, j)
	}
	if len(jobs) == 0 {
		return false
	}
	h.held -= len(jobs)
	h.turns.take(ctx, jobs)
	return len(jobs) == h.due
}

// complete reports whether the turn can begin with b: all of its messages were
// stored, and none of them is left to the next turn.
func (b *beginning) complete() bool {
	for _, n := range b.numbers {
		if *n == 0 {
			return false
		}
	}
	return b.known && len(b.prompts) <= atOnce
}

// enter takes a slot for a turn that is to be handed over, and reports false if
// there is none or Run is not running.
func (t *Turns) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open && t.place()
}

// place takes a slot if there is one.
func (t *Turns) place() bool {
	select {
	case t.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// leave gives n slots back.
func (t *Turns) leave(n int) {
	for range n {
		<-t.slots
	}
}

// take is handed turns of one tenant that are leased and have slots. Where
// nobody decides any more it gives them back.
func (t *Turns) take(ctx context.Context, jobs []*job) {
	t.mu.Lock()
	if t.open {
		t.intake <- jobs // there are as many places as slots
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	t.giveUp(ctx, jobs)
}

// giveUp gives turns back that were handed over too late.
func (t *Turns) giveUp(ctx context.Context, jobs []*job) {
	t.leave(len(jobs))
	t.giveBack(context.WithoutCancel(ctx), waitings(jobs), 0, false)
}

func waitings(jobs []*job) []waiting {
	list := make([]waiting, len(jobs))
	for i, j := range jobs {
		list[i] = j.waiting
	}
	return list
}

// takeOver says whether turns that are handed over are taken, and gives those
// back that nobody will take any more.
func (t *Turns) takeOver(ctx context.Context, open bool) {
	t.mu.Lock()
	t.open = open
	t.mu.Unlock()
	for !open {
		select {
		case jobs := <-t.intake:
			t.giveUp(ctx, jobs)
		default:
			return
		}
	}
}
