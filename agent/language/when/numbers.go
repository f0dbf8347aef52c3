package when

// The numbers of German and Italian are one word each, so they are made
// rather than listed.

var germanUnits = []string{"null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
	"dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"}

var germanTens = []string{2: "zwanzig", 3: "dreißig", 4: "vierzig", 5: "fünfzig"}

// germanOrdinals are the stems that are not the number's.
var germanOrdinals = map[int]string{1: "ers", 3: "drit", 7: "sieb", 8: "ach"}

func germanNumbers(t *table) {
	for n := 0; n < 60; n++ {
		text := germanNumber(n)
		t.enter(text, word{class: cNumber, num: int16(n)})
		if n == 0 || n > 31 {
			continue
		}
		stem, irregular := germanOrdinals[n]
		if !irregular {
			stem = text
			if n >= 20 {
				stem += "s"
			}
		}
		for _, ending := range []string{"te", "ten", "ter", "tes", "tem"} {
			t.enter(stem+ending, word{class: cOrdinal, ord: int8(n)})
		}
	}
	for _, one := range []string{"eins", "ein", "eine", "einer", "einem", "einen"} {
		t.enter(one, word{class: cNumber, num: 1})
	}
	for n := 20; n < 40; n++ {
		t.enter("zweitausend"+germanNumber(n), word{class: cNumber, num: int16(2000 + n)})
	}
	t.enter("zwo", word{class: cNumber, num: 2})
}

func germanNumber(n int) string {
	switch {
	case n < 20:
		return germanUnits[n]
	case n%10 == 0:
		return germanTens[n/10]
	}
	return germanUnits[n%10] + "und" + germanTens[n/10]
}

var italianUnits = []string{"zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici",
	"tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove"}

var italianTens = []string{2: "venti", 3: "trenta", 4: "quaranta", 5: "cinquanta"}

func italianNumbers(t *table) {
	for n := 0; n < 60; n++ {
		text := ""
		switch {
		case n < 20:
			text = italianUnits[n]
		case n%10 == 0:
			text = italianTens[n/10]
		case n%10 == 1 || n%10 == 8:
			tens := italianTens[n/10]
			text = tens[:len(tens)-1] + italianUnits[n%10]
		default:
			text = italianTens[n/10] + italianUnits[n%10]
		}
		t.enter(text, word{class: cNumber, num: int16(n)})
		if n >= 20 && n < 40 {
			t.enter("duemila"+text, word{class: cNumber, num: int16(2000 + n)})
		}
	}
	t.enter("l'una", word{class: cNumber, num: 1})
	t.enter("una", word{class: cNumber, num: 1})
	t.enter("un", word{class: cNumber, num: 1})
	t.enter("ventun", word{class: cNumber, num: 21})
}
