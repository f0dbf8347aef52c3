package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"frontdesk/gateway/provider"
)

// SignatureHeader bears the signature of a callback.
const SignatureHeader = "X-Twilio-Signature"

// Signature is what the header of a callback claims.
type Signature [sha1.Size]byte

// ParseSignature reads the value of [SignatureHeader]: 20 bytes in base64.
func ParseSignature(header string) (Signature, bool) {
	var s Signature
	b, err := base64.StdEncoding.Strict().DecodeString(header)
	if err != nil || len(b) != len(s) {
		return s, false
	}
	copy(s[:], b)
	return s, true
}

// Signs reports whether s is the signature of a request to url, as configured
// at Twilio, by an account with this auth token. form is the decoded body; body
// itself counts where the URL bears bodySHA256, which stands for a body that is
// no form.
//
// Twilio's servers do not agree with one another on whether the port belongs
// to the URL and how its query is escaped, so the URL is tried each way. An
// empty token signs nothing.
func (s Signature) Signs(url string, form Form, body []byte, token provider.Secret) bool {
	if token == "" {
		return false
	}
	url, _, _ = strings.Cut(url, "#") // connection overrides: not sent
	digest, hashed := bodyDigest(url)
	if hashed {
		sum := sha256.Sum256(body)
		if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(strings.ToLower(digest))) != 1 {
			return false
		}
		form = nil
	}
	params := signedParams(form)
	for _, candidate := range candidates(url) {
		mac := hmac.New(sha1.New, []byte(token))
		_, _ = io.WriteString(mac, candidate)
		_, _ = io.WriteString(mac, params)
		if subtle.ConstantTimeCompare(mac.Sum(nil), s[:]) == 1 {
			return true
		}
	}
	return false
}

// bodyDigest returns the value of the query's bodySHA256.
func bodyDigest(url string) (string, bool) {
	_, query, _ := strings.Cut(url, "?")
	for part := range strings.SplitSeq(query, "&") {
		if v, ok := strings.CutPrefix(part, "bodySHA256="); ok {
			return v, true
		}
	}
	return "", false
}

// signedParams joins name and value of the parameters in order of name, then
// value, each pair once.
func signedParams(form Form) string {
	sorted := slices.Clone(form)
	slices.SortFunc(sorted, func(a, b Param) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	var out strings.Builder
	for _, p := range slices.Compact(sorted) {
		out.WriteString(p.Name)
		out.WriteString(p.Value)
	}
	return out.String()
}

// candidates returns the forms of url that Twilio may have signed, the
// likeliest first: as it is, with and without the port, and each of these with
// an apostrophe in the query escaped.
func candidates(url string) []string {
	list := []string{url}
	add := func(u string) {
		if !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	with, without := ports(url)
	add(with)
	add(without)
	for _, u := range slices.Clone(list) {
		if path, query, ok := strings.Cut(u, "?"); ok {
			add(path + "?" + strings.ReplaceAll(query, "'", "%27"))
		}
	}
	return list
}

// ports returns url with a port, the scheme's own if it has none, and without.
func ports(url string) (with, without string) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url, url
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	host := strings.LastIndexByte(authority, '@') + 1
	if colon := strings.LastIndexByte(authority, ':'); colon > host && strings.IndexByte(authority[colon:], ']') < 0 {
		return url, scheme + "://" + authority[:colon] + tail
	}
	port := ":443"
	if scheme == "http" {
		port = ":80"
	}
	return scheme + "://" + authority + port + tail, url
}
