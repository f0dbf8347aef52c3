package booking

// Unlocked returns c for a store that takes no advisory locks.
func Unlocked(c Config) Config {
	c.unlocked = true
	return c
}
