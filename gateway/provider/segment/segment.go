// Package segment says how a text travels as SMS: in which alphabet, how many
// units it takes, and how it is cut into parts (3GPP 23.038 and 23.040).
package segment

import "unicode/utf8"

// Encoding is the alphabet of an SMS.
type Encoding string

const (
	// GSM7 is the default alphabet, seven bits a unit.
	GSM7 Encoding = "GSM-7"
	// UCS2 is UTF-16, for a text with any character that GSM7 lacks.
	UCS2 Encoding = "UCS-2"
)

// capacity is the units of a message alone, and of each part of several, which
// give up six octets to the header that joins them.
var capacity = map[Encoding]struct{ alone, part int }{GSM7: {160, 153}, UCS2: {70, 67}}

// Segmentation is how a text travels.
type Segmentation struct {
	Encoding Encoding
	Units    int      // septets of GSM7, 16-bit units of UCS2
	Parts    []string // at least one; together they are the text
}

// Split returns how text travels. No part cuts an escape sequence or a
// surrogate pair in two. Bytes that are no UTF-8 count as U+FFFD and stay in
// Parts as they are.
func Split(text string) Segmentation {
	s := Segmentation{Encoding: GSM7}
	for _, r := range text {
		if septets(r) == 0 {
			s.Encoding = UCS2
			break
		}
	}
	for _, r := range text {
		s.Units += units(s.Encoding, r)
	}
	room := capacity[s.Encoding]
	if s.Units <= room.alone {
		s.Parts = []string{text}
		return s
	}
	start, used := 0, 0
	for i, r := range text {
		n := units(s.Encoding, r)
		if used+n > room.part {
			s.Parts = append(s.Parts, text[start:i])
			start, used = i, 0
		}
		used += n
	}
	s.Parts = append(s.Parts, text[start:])
	return s
}

func units(e Encoding, r rune) int {
	switch {
	case e == GSM7:
		return septets(r)
	case r > 0xFFFF:
		return 2
	}
	return 1
}

// septets returns what r takes in GSM7: one, two behind an escape, or none if
// the alphabet lacks it.
func septets(r rune) int {
	if r < utf8.RuneSelf {
		return int(ascii[r])
	}
	return other[r]
}

const (
	basic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "\f^{}\\[~]|€"
)

var ascii, other = func() (near [utf8.RuneSelf]uint8, far map[rune]int) {
	far = map[rune]int{}
	for n, alphabet := range map[int]string{1: basic, 2: extended} {
		for _, r := range alphabet {
			if r < utf8.RuneSelf {
				near[r] = uint8(n)
				continue
			}
			far[r] = n
		}
	}
	return near, far
}()
