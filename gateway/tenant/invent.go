package tenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// merge returns the channel that spec wants, given what there is (old, or the
// zero value). What spec leaves out stays. A channel that never had credentials
// gets made-up ones, and then only the simulator serves it; nothing of them stays
// once it is given real ones.
func merge(tenant ingest.TenantID, spec ChannelSpec, old storedChannel) storedChannel {
	given := spec.AccessToken != "" || spec.AppSecret != "" || spec.AuthToken != ""
	if given && old.simulated {
		made := provider.Channel{Tenant: tenant, Type: spec.Type, Name: spec.Name}
		inventMissing(&made)
		old.AccessToken, old.AppSecret, old.VerifyToken, old.AuthToken = "", "", "", ""
		old.Ref, spec.Ref = unless(old.Ref, made.Ref), unless(spec.Ref, made.Ref)
		old.Account, spec.Account = unless(old.Account, made.Account), unless(spec.Account, made.Account)
	}
	c := storedChannel{Channel: provider.Channel{
		Tenant: tenant, ID: old.ID, Type: spec.Type, Name: spec.Name, Phone: or(spec.Phone, old.Phone),
		Account: or(spec.Account, old.Account), Ref: or(spec.Ref, old.Ref),
		AccessToken: provider.Secret(or(spec.AccessToken, string(old.AccessToken))),
		AppSecret:   provider.Secret(or(spec.AppSecret, string(old.AppSecret))),
		VerifyToken: provider.Secret(or(spec.VerifyToken, string(old.VerifyToken))),
		AuthToken:   provider.Secret(or(spec.AuthToken, string(old.AuthToken))),
		BaseURL:     spec.BaseURL, APIVersion: spec.APIVersion, RatePerSecond: spec.RatePerSecond, MarkRead: spec.MarkRead,
	}}
	if c.simulated = !given && (old.ID == "" || old.simulated); c.simulated {
		inventMissing(&c.Channel)
	}
	return c
}

// unless returns s, or nothing where it was made up.
func unless(s, made string) string {
	if s == made {
		return ""
	}
	return s
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// missing returns the fields that a channel cannot do without and lacks, by
// their names in a file.
func missing(c provider.Channel) []string {
	type field struct{ name, value string }
	need := []field{{"account_sid", c.Account}, {"auth_token", string(c.AuthToken)}, {"phone", c.Ref}}
	if c.Type == provider.WhatsApp {
		need = []field{
			{"phone_number_id", c.Ref}, {"waba_id", c.Account}, {"access_token", string(c.AccessToken)},
			{"app_secret", string(c.AppSecret)}, {"verify_token", string(c.VerifyToken)},
		}
	}
	var out []string
	for _, f := range need {
		if f.value == "" {
			out = append(out, f.name)
		}
	}
	return out
}

// inventMissing fills what a channel lacks: ids that look like the provider's
// and stay the same for a tenant and name, and random credentials.
func inventMissing(c *provider.Channel) {
	sum := sha256.Sum256([]byte(string(c.Tenant) + "|" + c.Name))
	fill := func(s *provider.Secret) {
		if *s == "" {
			*s = randomSecret()
		}
	}
	if c.Type == provider.Twilio {
		c.Account = or(c.Account, "AC"+hex.EncodeToString(sum[:16]))
		fill(&c.AuthToken)
		return
	}
	c.Ref = or(c.Ref, digits15(sum[:8]))
	c.Account = or(c.Account, digits15(sum[8:16]))
	fill(&c.AccessToken)
	fill(&c.AppSecret)
	fill(&c.VerifyToken)
}

func randomSecret() provider.Secret {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return provider.Secret(hex.EncodeToString(b))
}

// digits15 is a number of fifteen digits, as Meta's ids are.
func digits15(b []byte) string {
	const low, span = 100_000_000_000_000, 900_000_000_000_000
	return fmt.Sprint(low + binary.BigEndian.Uint64(b)%span)
}
