package provider

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/ingest"
)

// PlainText says in words alone what c shows with buttons, a list or a map,
// for channels that have none: choices are numbered from 1 in the order of
// buttons and rows, so that a contact can answer with the number. ok is false
// for what words cannot stand for.
func PlainText(c ingest.Content) (text string, ok bool) {
	switch {
	case c.Menu != nil:
		return menuText(c.Text, c.Menu), true
	case c.Type == ingest.LocationPin && c.Location != nil:
		return locationText(c.Location), true
	case c.Type == ingest.Text, len(c.Media) > 0:
		return c.Text, true
	}
	return "", false
}

func menuText(text string, m *ingest.Menu) string {
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(m.Header)
	add(text)
	n := 0
	number := func(choices []ingest.Choice) {
		for _, c := range choices {
			n++
			line := fmt.Sprintf("%d. %s", n, c.Title)
			if c.Description != "" {
				line += " - " + c.Description // a plain hyphen keeps an SMS in GSM-7
			}
			add(line)
		}
	}
	number(m.Buttons)
	for _, s := range m.Sections {
		add(s.Title)
		number(s.Rows)
	}
	add(m.Footer)
	return strings.Join(lines, "\n")
}

func locationText(l *ingest.Location) string {
	var lines []string
	for _, line := range []string{l.Name, l.Address} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	at := strconv.FormatFloat(l.Latitude, 'f', -1, 64) + "," + strconv.FormatFloat(l.Longitude, 'f', -1, 64)
	return strings.Join(append(lines, "https://maps.google.com/?q="+at), "\n")
}
