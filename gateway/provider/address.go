package provider

import "strings"

// Phone returns s in E.164 with the plus, and whether it is a phone number at
// all. It takes bare digits, as WhatsApp sends them, and a number behind a
// plus with the usual separators. A short code, an alphanumeric sender and a
// user id are none.
func Phone(s string) (string, bool) {
	digits, plus := strings.CutPrefix(s, "+")
	if plus {
		digits = unseparated(digits)
	}
	if len(digits) == 0 || len(digits) > 15 || digits[0] == '0' || (!plus && len(digits) < minBareDigits) {
		return "", false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", false
		}
	}
	return "+" + digits, true
}

// minBareDigits is the least number of digits without a plus that is taken for
// an international number: short codes have up to six.
const minBareDigits = 7

func unseparated(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.', '(', ')':
			return -1
		}
		return r
	}, s)
}

// WhatsAppUserID reports whether s has the form of Meta's business-scoped user
// id ("US.13491208655302741918"), and whether of the parent form over linked
// portfolios ("US.ENT.…").
func WhatsAppUserID(s string) (ok, parent bool) {
	if len(s) < 4 || !upper(s[0]) || !upper(s[1]) || s[2] != '.' {
		return false, false
	}
	rest, parent := strings.CutPrefix(s[3:], "ENT.")
	if len(rest) == 0 || len(rest) > 128 {
		return false, false
	}
	for i := range len(rest) {
		if c := rest[i]; !upper(c) && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false, false
		}
	}
	return true, parent
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
