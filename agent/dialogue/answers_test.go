package dialogue_test

import (
	"context"
	"testing"
	"time"

	"frontdesk/agent/dialogue"
	"frontdesk/agent/dialogue/dialoguetest"
	"frontdesk/agent/language"
)

// evening is a shop of one service a day, on paper, whose customer has an
// appointment, or finds the day full.
func evening(t *testing.T) (*dialoguetest.Paper, dialogue.Input) {
	t.Helper()
	b := dialoguetest.Businesses["clinic"]
	d := dialoguetest.NewPaper(b)
	zone, err := time.LoadLocation(b.Zone)
	if err != nil {
		t.Fatal(err)
	}
	now := b.In("2033-03-07T09:00")
	d.Calendar.Now = now
	return d, dialogue.Input{
		Conversation: "cnv_here", Turn: 2, Now: now, Zone: zone, Business: b.Name, Medium: language.WhatsApp, Catalogue: d.Catalogued,
		Ask: func(context.Context, string) (string, bool, error) { return "", false, nil },
	}
}

func take(t *testing.T, d *dialoguetest.Paper, in dialogue.Input, lang, text string) dialogue.Result {
	t.Helper()
	in.Language, in.Said = lang, []dialogue.Said{{Text: text, At: in.Now}}
	r, err := dialogue.Take(context.Background(), in, d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReminderIsAnsweredInSixLanguages(t *testing.T) {
	for _, tt := range []struct {
		lang      string
		confirmed bool
		texts     []string
	}{
		{"en", true, []string{"yes", "Yes, I'll come", "confirm", "sure", "see you then"}},
		{"es", true, []string{"sí", "Sí, iré", "confirmo", "claro que sí", "allí estaré"}},
		{"pt", true, []string{"sim", "Sim, vou", "confirmo", "confirmado"}},
		{"fr", true, []string{"oui", "Oui, je viens", "je confirme", "j'y serai"}},
		{"de", true, []string{"ja", "Ja, ich komme", "bestätigt", "ja gerne"}},
		{"it", true, []string{"sì", "Sì, vengo", "confermo", "ci sarò"}},
		{"en", false, []string{"no", "I can't come", "who is this?", "cancel it", "another time please"}},
		{"es", false, []string{"no", "no puedo", "cancelar", "otra hora"}},
		{"de", false, []string{"nein", "absagen", "andere Zeit"}},
		{"fr", false, []string{"non", "annuler", "autre horaire"}},
	} {
		for _, text := range tt.texts {
			d, in := evening(t)
			if err := d.Put(dialoguetest.Businesses["clinic"], dialoguetest.Row{Service: "Cleaning", Staff: "Ana", Start: "2033-03-08T10:00"}, true); err != nil {
				t.Fatal(err)
			}
			own, err := d.Appointments(t.Context())
			if err != nil || len(own) != 1 {
				t.Fatalf("%d appointments, %v", len(own), err)
			}
			n := dialogue.ReminderOf(own[0], in.Now.Add(-time.Hour))
			n.Version = own[0].Version
			in.Draft = dialogue.Draft{}.Noticed(n, "Will you come?")
			take(t, d, in, tt.lang, text)
			own, err = d.Appointments(t.Context())
			if err != nil || len(own) != 1 {
				t.Fatalf("%q: %d appointments, %v", text, len(own), err)
			}
			if got := !own[0].ConfirmedAt.IsZero(); got != tt.confirmed {
				t.Errorf("%s: %q confirms: %v, want %v", tt.lang, text, got, tt.confirmed)
			}
		}
	}
}

func TestTheWishToBeToldInSixLanguages(t *testing.T) {
	for lang, texts := range map[string][]string{
		"en": {"let me know if something opens up", "put me on the waitlist", "tell me when there is one"},
		"es": {"avíseme si se libera algo", "póngame en la lista de espera"},
		"pt": {"me avise se vagar", "lista de espera, por favor"},
		"fr": {"prévenez-moi si une place se libère", "la liste d'attente"},
		"de": {"geben Sie mir Bescheid", "auf die Warteliste bitte"},
		"it": {"mi avvisi se si libera un posto", "lista d'attesa"},
	} {
		for _, text := range texts {
			d, in := evening(t)
			b := dialoguetest.Businesses["clinic"]
			for at := b.In("2033-03-08T08:00"); at.Before(b.In("2033-03-08T17:00")); at = at.Add(30 * time.Minute) {
				_ = d.Put(b, dialoguetest.Row{Service: "Whitening", Staff: "Ana", Start: at.In(in.Zone).Format("2006-01-02T15:04")}, false) // as many as there is room for
			}
			full := take(t, d, in, "en", "whitening on Tuesday 8 March please")
			if full.Draft.Full == nil {
				t.Fatalf("a full day is answered %q", full.Text)
			}
			in.Draft, in.Turn = full.Draft, 3
			r := take(t, d, in, lang, text)
			if len(d.Waits) != 1 || r.Draft.Open() {
				t.Errorf("%s: %q puts on the waitlist %d times, and is answered %q", lang, text, len(d.Waits), r.Text)
				continue
			}
			if w := d.Waits[0]; !w.From.Equal(b.In("2033-03-08T00:00")) || !w.To.Equal(b.In("2033-03-09T00:00")) || w.Service == "" {
				t.Errorf("%s: waits for %v to %v", lang, w.From, w.To)
			}
		}
	}
}
