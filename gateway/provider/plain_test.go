package provider_test

import (
	"testing"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

func TestPlainText(t *testing.T) {
	tests := []struct {
		name string
		c    ingest.Content
		want string
		ok   bool
	}{
		{"text", ingest.Content{Type: ingest.Text, Text: "Hello"}, "Hello", true},
		{"a file's caption", ingest.Content{Type: ingest.Image, Text: "Map", Media: []ingest.Media{{URL: "x"}}}, "Map", true},
		{"buttons", ingest.Content{Type: ingest.Interactive, Text: "Which?", Menu: &ingest.Menu{Header: "Friday", Footer: "Any time",
			Buttons: []ingest.Choice{{ID: "a", Title: "9:00"}, {ID: "b", Title: "14:00"}}}}, "Friday\nWhich?\n1. 9:00\n2. 14:00\nAny time", true},
		{"a list counts on over its sections", ingest.Content{Type: ingest.Interactive, Text: "What?", Menu: &ingest.Menu{ListTitle: "See", Sections: []ingest.MenuSection{
			{Title: "Care", Rows: []ingest.Choice{{ID: "a", Title: "Cleaning", Description: "45 minutes"}}},
			{Title: "Other", Rows: []ingest.Choice{{ID: "b", Title: "Check-up"}}}}}}, "What?\nCare\n1. Cleaning - 45 minutes\nOther\n2. Check-up", true},
		{"a place", ingest.Content{Type: ingest.LocationPin, Location: &ingest.Location{Latitude: 17.25, Longitude: -88.75, Name: "Casa Maya"}},
			"Casa Maya\nhttps://maps.google.com/?q=17.25,-88.75", true},
		{"a reaction", ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{Emoji: "x"}}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := provider.PlainText(tt.c); got != tt.want || ok != tt.ok {
				t.Errorf("PlainText() = %q, %v, want %q, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}
