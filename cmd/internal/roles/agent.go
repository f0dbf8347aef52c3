package roles

import (
	"frontdesk/agent"
	"frontdesk/cmd/internal/boot"
	"frontdesk/ingest"
)

// Agent records what contacts say, answers it, and relays the outbox.
func (h *House) Agent() error {
	turns := agent.NewTurns(agent.Parts{
		DB: h.db, Agents: h.agents, Contacts: h.contacts, Knowledge: h.knowledge, Businesses: h.Directory,
		Bookings: h.bookings,
	}, agent.TurnsConfig{Poll: h.poll(), Now: h.Config.Now, Stored: h.relay.Wake, Log: h.Log})
	recorder := agent.NewRecorder(h.db, h.agents, h.contacts, h.conversations, agent.RecorderConfig{
		Turns: turns, Recorded: turns.Wake, Log: h.Log, // what was announced goes out with the replies
	})
	if err := h.consume("frontdesk.agent", recorder, ingest.TopicInbound); err != nil {
		return err
	}
	h.Group.Go(boot.Workers, "turns", turns.Run)
	h.Group.Go(boot.Workers, "embeddings", h.knowledge.Run)
	h.Group.Go(boot.Workers, "bookings", h.bookings.Run)
	h.Group.Go(boot.Workers, "reminders", h.reminders().Run)
	h.Group.Go(boot.Producers, "outbox relay", h.relay.Run)
	return nil
}

// Recorder returns the handler of inbound messages, for a replay.
func (h *House) Recorder() *agent.Recorder {
	return agent.NewRecorder(h.db, h.agents, h.contacts, h.conversations, agent.RecorderConfig{Recorded: h.relay.Wake, Log: h.Log})
}
