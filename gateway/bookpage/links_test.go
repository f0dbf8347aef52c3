package bookpage

import (
	"bytes"
	"testing"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

func links(t testing.TB) *Links {
	t.Helper()
	vault, err := tenant.NewVault(bytes.Repeat([]byte{7}, tenant.MasterKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return NewLinks("https://desk.example.com/", vault)
}

func TestLinksOpenOnlyWhatTheyWereMadeFor(t *testing.T) {
	l := links(t)
	const acme, globex = ingest.TenantID("tnt_acme"), ingest.TenantID("tnt_globex")
	id := ingest.AppointmentID(ingest.NewID(ingest.PrefixAppointment, time.Now()))
	token := l.appointment(acme, id)
	if got, ok := l.openAppointment(acme, token); !ok || got != id {
		t.Errorf("opened %s, %v, want %s", got, ok, id)
	}
	h := held{"hld_1", "svc_1", "stf_1", "", time.Unix(1e9, 0).UTC(), time.Unix(1e9+60, 0).UTC(), time.Unix(2e9, 0).UTC()}
	hold := l.hold(acme, h)
	if got, ok := l.openHold(acme, hold); !ok || got != h {
		t.Errorf("opened %+v, %v, want %+v", got, ok, h)
	}
	forged := []byte(token)
	forged[len(forged)-3] ^= 1
	for name, bad := range map[string]string{"forged": string(forged), "cut": token[:20], "a hold's": hold, "empty": "", "longer": token + "A"} {
		if _, ok := l.openAppointment(acme, bad); ok {
			t.Errorf("%s opens", name)
		}
	}
	if _, ok := l.openAppointment(globex, token); ok {
		t.Error("another business opens it")
	}
	if _, ok := l.openHold(acme, token); ok {
		t.Error("an appointment's address opens as a hold")
	}
	want := "https://desk.example.com/book/casa-maya/a/" + token
	if got := l.Manage(tenant.Tenant{ID: acme, Slug: "casa-maya"}, id); got != want {
		t.Errorf("Manage() = %s, want %s", got, want)
	}
}

func FuzzOpen(f *testing.F) {
	l := links(f)
	f.Add("abc")
	f.Fuzz(func(t *testing.T, token string) {
		if _, ok := l.openHold("tnt_acme", token); ok {
			t.Fatal("a hold that nobody made")
		}
		if _, ok := l.openAppointment("tnt_acme", token); ok {
			t.Fatal("an appointment that nobody made")
		}
	})
}
