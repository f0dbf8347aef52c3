package rank_test

import (
	"context"
	"testing"

	"frontdesk/kb/rank"
)

// Four articles with titles and texts alone, in two languages each.
func small(language string) *rank.Model {
	texts := map[string][][2]string{
		"en": {{"Parking", "Free parking behind the building."}, {"Opening hours", "We are open from 8:00 to 17:00, Monday to Friday."}, {"Price list", "Cleaning costs 50 BZD. Crown 950 BZD."}, {"Insurance", "We accept all major insurers. Bring your card."}},
		"es": {{"Estacionamiento", "Estacionamiento gratis detrás del edificio."}, {"Horario", "Abrimos de lunes a viernes, de 8:00 a 17:00."}, {"Precios", "La limpieza cuesta 50 BZD. Una corona 950 BZD."}, {"Seguros", "Aceptamos todos los seguros. Traiga su tarjeta."}},
		"de": {{"Parken", "Kostenlose Parkplätze hinter dem Haus."}, {"Öffnungszeiten", "Montag bis Freitag von 8:00 bis 17:00 Uhr."}, {"Preise", "Eine Reinigung kostet 50 Euro."}, {"Versicherungen", "Wir nehmen alle Kassen an."}},
	}
	var articles []rank.Article
	for _, a := range texts[language] {
		articles = append(articles, rank.Article{Title: a[0], Language: language, Passages: []string{a[1]}})
	}
	return rank.Train(context.Background(), articles, rank.Options{})
}

// What is said out of courtesy before and after a question changes nothing.
func TestCourtesyIsNoPartOfAQuestion(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, language, polite, bare string }{
		{"a greeting before", "en", "Hello, where can I park my car?", "where can I park my car?"},
		{"greetings of several words", "en", "Hi! Good morning, do you have parking?", "do you have parking?"},
		{"thanks after", "en", "Is there parking please? Thank you very much in advance!", "is there parking?"},
		{"a price is still asked for", "en", "Good evening. How much is a cleaning? Thanks a lot", "how much is a cleaning?"},
		{"chat spelling", "en", "hey, is there parking plz thx", "is there parking"},
		{"Spanish", "es", "Hola, buenas tardes. ¿Tienen estacionamiento? Muchas gracias de antemano", "¿tienen estacionamiento?"},
		{"German", "de", "Guten Tag, kann man bei Ihnen parken? Vielen Dank im Voraus", "kann man bei Ihnen parken?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := small(tt.language)
			polite, bare := m.Rank(tt.polite, tt.language, 1), m.Rank(tt.bare, tt.language, 1)
			if polite.Confidence != bare.Confidence || polite.Ranked[0] != bare.Ranked[0] {
				t.Errorf("%q: article %d at %.3f; %q: article %d at %.3f; want the same", tt.polite, polite.Ranked[0].Article, polite.Confidence, tt.bare, bare.Ranked[0].Article, bare.Confidence)
			}
			if bare.Confidence < rank.Threshold {
				t.Errorf("%q is declined at %.3f", tt.bare, bare.Confidence)
			}
		})
	}
	m := small("en")
	for _, text := range []string{"hello", "thank you very much", "good morning, how are you?", "please", "Hello, do you sell pizza?"} {
		if c := m.Rank(text, "en", 1).Confidence; c >= rank.Threshold {
			t.Errorf("%q is answered at %.3f", text, c)
		}
	}
}
