// Package dialoguetest holds scripted dialogues: what customers write, and the
// appointments that must stand at the end. The same scripts run against the
// dialogue alone, against a real database, and through a provider's callbacks.
package dialoguetest

import (
	_ "embed" // the scripts
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"frontdesk/agent/booking"
)

//go:embed scripts.yaml
var scripts []byte

// Script is one dialogue. Times are the wall clock of the business's zone.
type Script struct {
	Name     string
	Business string        // see [Businesses]
	Now      string        // "2033-03-07T09:15"
	Channel  string        // whatsapp, the default, or sms
	Given    []Row         // appointments that the customer has
	Taken    []Row         // appointments of others
	Say      []Line        // in turn
	Rows     []Row         // the customer's at the end, all of them
	Hears    []string      // that the last reply must hold
	Person   string        // reason for which a person has it in the end; empty: the bot has
	Every    time.Duration `yaml:"-"` // from one line to the next
}

// Row is an appointment.
type Row struct {
	Service string
	Staff   string // empty: whoever
	Start   string
	Status  string // empty: scheduled
}

// Line is one thing that happens. Exactly one field is set.
type Line struct {
	Text  string        // the customer writes
	Burst []string      // the customer writes several messages at once
	Press string        // the customer presses what the last reply offers: yes, no, a number from 1, or a part of a title
	Hear  string        // the last reply must hold this
	Offer int           // the last reply must offer so many choices
	Taken *Row          // somebody else books this meanwhile
	Wait  time.Duration // passes
}

// UnmarshalYAML takes a text alone as what the customer writes.
func (l *Line) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		l.Text = n.Value
		return nil
	}
	type plain Line
	return n.Decode((*plain)(l))
}

// Scripts returns all dialogues.
func Scripts() ([]Script, error) {
	var list []Script
	if err := yaml.Unmarshal(scripts, &list); err != nil {
		return nil, fmt.Errorf("scripts.yaml: %w", err)
	}
	for i := range list {
		list[i].Every = time.Minute
	}
	return list, nil
}

// Business is who the customers write to.
type Business struct {
	Name      string
	Zone      string
	Languages []string
	Hours     map[string][]string
	Closed    []string
	Services  []booking.Service
	Staff     []booking.Staff
	Articles  map[string]string   // title to text
	By        map[string][]string // names of the services' staff
}

// In returns the time that text, "2033-03-07T09:15", names in the business's
// zone. A time that comes twice is the first; "+1" after it asks for the second.
func (b Business) In(text string) time.Time {
	zone, err := time.LoadLocation(b.Zone)
	if err != nil {
		panic(err)
	}
	second := len(text) > 2 && text[len(text)-2:] == "+1"
	if second {
		text = text[:len(text)-2]
	}
	wall, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		panic(err)
	}
	found := booking.Instants(zone, wall.Year(), wall.Month(), wall.Day(), time.Duration(wall.Hour())*time.Hour+time.Duration(wall.Minute())*time.Minute)
	if len(found) == 0 {
		panic("no such time: " + text)
	}
	if second {
		return found[len(found)-1]
	}
	return found[0]
}
