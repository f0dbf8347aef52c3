package roles

import "time"

// alonePoll is how often is looked for rows that nobody has announced, where no
// other process writes any: what is left is what falls due, and the few writers
// that announce nothing. Each look is a transaction, and looking as often as
// others' rows need it (see the parts' defaults) was half of what an idle system
// costs. Zero leaves the parts to their defaults.
const alonePoll = 300 * time.Millisecond

func (h *House) poll() time.Duration {
	if h.Config.Alone {
		return alonePoll
	}
	return 0
}
