package language_test

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/agent/language"
)

func TestNames(t *testing.T) {
	t.Parallel()
	people := []string{"Ana Ramírez", "Luis Paz", "Dr. Marta Núñez", "Will Turner"}
	work := []string{"Cleaning", "Deep Whitening", "Root Canal", "Cut & Color", "Beard Trim"}
	tests := []struct {
		name, text string
		list       []string
		want       string
	}{
		{"in full", "I want Ana Ramírez please", people, "Ana Ramírez"},
		{"the first name", "could ana fit me in", people, "Ana Ramírez"},
		{"a title and the last name", "with Dr. Ramirez", people, "Ana Ramírez"},
		{"a possessive", "what are Ana's hours?", people, "Ana Ramírez"},
		{"without accents", "marta nunez tomorrow", people, "Dr. Marta Núñez"},
		{"a letter wrong", "with Ramirex", people, "Ana Ramírez"},
		{"letters swapped", "with Luis or maybe Matra", people, "Luis Paz|Dr. Marta Núñez"},
		{"in the order of the text", "Marta, or else Luis", people, "Dr. Marta Núñez|Luis Paz"},
		{"a name that is a word", "will you be open?", people, ""},
		{"that word after with", "with will please", people, "Will Turner"},
		{"two first names alike", "with ana", []string{"Ana Ruiz", "Ana Paz"}, ""},
		{"two first names alike, one in full", "with ana paz", []string{"Ana Ruiz", "Ana Paz"}, "Ana Paz"},
		{"a whole name goes before a part", "with ana", []string{"Ana Ruiz", "Ana"}, "Ana"},
		{"a typing error near two", "with Mara", []string{"Maria", "Marta"}, ""},
		{"a typing error", "Just a cleening", work, "Cleaning"},
		{"a part", "how much is whitening", work, "Deep Whitening"},
		{"written as one", "rootcanal", work, "Root Canal"},
		{"written as two", "a beardtrim or a clean ing", work, "Beard Trim|Cleaning"},
		{"another word near a name", "a message for you", []string{"Massage"}, ""},
		{"nothing of it", "what time do you open", work, ""},
		{"a town that is part of a house's name", "somewhere in Alton", []string{"Blue Fig - Alton", "Oak House"}, ""},
		{"a title alone", "I want to see the doctor", []string{"Dr. Paz"}, ""},
		{"the writer's own name", "Hi, I'm Ana, can I come in?", people, ""},
		{"the writer's child", "it is for my daughter Ana", people, ""},
		{"a street", "at 14 Paz street", people, ""},
		{"ordinary words of a name", "what time would be about perfect?", []string{"About Time Barbers", "Perfect Cuts"}, ""},
		{"the first words of a name of ordinary ones", "at One on Center on Monday", []string{"One on Center Homes", "Two on Center Homes"}, "One on Center Homes"},
		{"two such words in capitals", "it's called The City", []string{"The City Grill", "Blue Fig"}, "The City Grill"},
		{"two such words in lower case", "is it in the city?", []string{"The City Grill", "Blue Fig"}, ""},
		{"who is spoken to", "anything else for you Ana?", people, ""},
		{"an ordinary word that is a whole name, mistyped", "cleening with Luis tomorrow", []string{"Check-up", "Cleaning", "Whitening"}, "Cleaning"},
		{"a hyphen", "I need a check-up, or checkup, soon", []string{"Check-up", "Cleaning"}, "Check-up"},
		{"the rest of such a name", "at about time barbers", []string{"About Time Barbers", "Perfect Cuts"}, "About Time Barbers"},
		{"no names", "with ana", nil, ""},
		{"an empty name", "with ana", []string{"", " "}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			index := language.NewIndex(tt.list)
			if len(tt.list) > 0 && tt.list[0] == work[0] {
				index = language.NewServiceIndex(tt.list)
			}
			found := index.Find(tt.text)
			if got := strings.Join(language.Names(found, tt.list), "|"); got != tt.want {
				t.Errorf("%q names %q, want %q", tt.text, got, tt.want)
			}
			for _, f := range found {
				if f.From < 0 || f.To > len(tt.text) || f.From >= f.To || f.Sure <= 0 || f.Sure > 1 {
					t.Errorf("%q: %+v", tt.text, f)
				}
			}
		})
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	menu := "Which one suits you?\n1. Monday 9:00\n2. Monday 10:30\n3. Tuesday 16:00"
	tests := []struct {
		text, previous string
		want           int
	}{
		{"2", menu, 2}, {"#3", menu, 3}, {"2 please", menu, 2}, {"two", menu, 2}, {"the second one", menu, 2}, {"the second", menu, 2},
		{"option 3", menu, 3}, {"yes, the first one please", menu, 1}, {"the last one", menu, language.Last}, {"the last", menu, language.Last},
		{"la primera", menu, 1}, {"la segunda opción por favor", menu, 2}, {"el último", menu, language.Last}, {"a primeira", menu, 1},
		{"le deuxième", menu, 2}, {"die zweite bitte", menu, 2}, {"il terzo", menu, 3}, {"opção 2", menu, 2}, {"any of them", menu, language.Any},
		{"4", menu, 0}, {"option 7", menu, 0}, {"2 people", menu, 0}, {"at 2", menu, 0}, {"2 or 3", menu, 0},
		{"2", "What time suits you?", 0}, {"2", "", 0}, {"the second one", "", 2}, {"the second of May", menu, 0},
	}
	for _, tt := range tests {
		r := language.Read(tt.text, language.Hints{Previous: tt.previous})
		if r.Pick != tt.want || slices.Contains(r.Acts, language.Select) != (tt.want != 0) {
			t.Errorf("%q after %q picks %d (%v), want %d", tt.text, tt.previous, r.Pick, r.Acts, tt.want)
		}
	}
	if r := language.Read("2", language.Hints{Previous: "We have Monday or Tuesday", Offered: 2}); r.Pick != 2 {
		t.Errorf("2 of two buttons picks %d", r.Pick)
	}
}

func TestAsked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want language.Question
	}{
		{"Is there anything else I can do for you?", language.AnythingElse}, {"¿Algo más?", language.AnythingElse}, {"Sonst noch etwas?", language.AnythingElse},
		{"Posso ajudar em mais alguma coisa?", language.AnythingElse}, {"Autre chose ?", language.AnythingElse}, {"Altro?", language.AnythingElse},
		{"What day works for you?", language.WhatTime}, {"¿A qué hora le viene bien?", language.WhatTime}, {"Wann passt es Ihnen?", language.WhatTime},
		{"Which one would you like?", language.WhichOne}, {"Shall I book it?", language.Whether}, {"Your visit is booked.", language.Nothing}, {"", language.Nothing},
		{"May I have your name, please?", language.WhoIsIt},
	}
	for _, tt := range tests {
		if got := language.Asked(tt.text); got != tt.want {
			t.Errorf("%q asks %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("Ana Ramírez\nLuis Paz\nCut & Color", "with Dr. Ramirez, cut and color")
	f.Add("aaaa\naaab\naaac", "aaad aa aa")
	f.Add("\xff\n-\n'", "' \xff d'aa")
	f.Fuzz(func(t *testing.T, names, text string) {
		list := strings.Split(names, "\n")
		last := 0
		for _, n := range language.NewIndex(list).Find(text) {
			if n.Name < 0 || n.Name >= len(list) || n.From < last || n.To <= n.From || n.To > len(text) || n.Sure < 0 || n.Sure > 1 {
				t.Fatalf("%+v of %q in %q", n, list, text)
			}
			last = n.To
		}
	})
}
