package tenant

// Tags returns the tags that [Vault.Sign] makes of parts with the key in use, and
// after it those that it made with older ones: what was kept by its tag is found
// by one of them.
func (v *Vault) Tags(parts ...string) [][]byte {
	out := [][]byte{v.current.tag(parts)}
	for _, r := range v.rings {
		if r != v.current {
			out = append(out, r.tag(parts))
		}
	}
	return out
}
