package dialoguetest

import (
	"time"

	"frontdesk/agent/booking"
)

var weekdays = map[string][]string{
	"monday": {"08:00-12:00", "13:00-17:00"}, "tuesday": {"08:00-12:00", "13:00-17:00"}, "wednesday": {"08:00-12:00", "13:00-17:00"},
	"thursday": {"08:00-12:00", "13:00-17:00"}, "friday": {"08:00-12:00", "13:00-16:00"}, "saturday": {"08:00-12:00"},
}

var nights = map[string][]string{
	"sunday": {"00:00-06:00", "10:00-24:00"}, "monday": {"10:00-24:00"}, "saturday": {"00:00-06:00", "10:00-24:00"}, "friday": {"10:00-24:00"},
}

// Businesses are those of the scripts: a clinic without summer time, a studio in
// New York that is open when the clocks change, and shops whose services are
// named in the language of their customers.
var Businesses = map[string]Business{
	"clinic": {
		Name: "Casa Maya", Zone: "America/Belize", Languages: []string{"en", "es", "pt", "fr", "de", "it"}, Hours: weekdays, Closed: []string{"2033-12-26", "2033-04-15"},
		Services: []booking.Service{
			{Name: "Check-up", Duration: 30 * time.Minute},
			{Name: "Cleaning", Duration: 30 * time.Minute, Notice: 2 * time.Hour, Price: "120.00 BZD"},
			{Name: "Whitening", Duration: 90 * time.Minute, Step: 30 * time.Minute, Notice: 24 * time.Hour},
		},
		Staff: []booking.Staff{
			{Name: "Ana", Specialties: []string{"Check-up", "Cleaning", "Whitening"}},
			{Name: "Luis", Specialties: []string{"Check-up", "Cleaning"}, Off: []booking.Off{{From: "2033-03-10"}}},
		},
		Articles: articles,
	},
	"studio": {
		Name: "Night Studio", Zone: "America/New_York", Languages: []string{"en"}, Hours: nights,
		Services: []booking.Service{{Name: "Session", Duration: 30 * time.Minute}},
		Articles: articles,
	},
	"salon": {
		Name: "Salón Luna", Zone: "Europe/Madrid", Languages: []string{"es", "en"}, Hours: weekdays, Closed: []string{"2033-03-25"},
		Services: []booking.Service{{Name: "Corte de pelo", Duration: 30 * time.Minute}, {Name: "Tinte", Duration: 90 * time.Minute, Step: 30 * time.Minute}},
		Staff:    []booking.Staff{{Name: "Marta"}, {Name: "Javier", Specialties: []string{"Corte de pelo"}}},
		Articles: articles,
	},
	"spa": {
		Name: "Studio Sol", Zone: "Europe/Lisbon", Languages: []string{"en", "pt", "es", "fr", "de", "it"}, Hours: weekdays,
		Services: []booking.Service{
			{Name: "Haircut", Duration: 30 * time.Minute, Price: "25.00 EUR"},
			{Name: "Massage", Duration: time.Hour, Price: "60.00 EUR"},
			{Name: "Manicure", Duration: 30 * time.Minute, Price: "20.00 EUR"},
		},
		Staff: []booking.Staff{
			{Name: "Rita"},
			{Name: "João", Specialties: []string{"Haircut", "Manicure"}, Hours: booking.Week{2: {{From: 9 * time.Hour, Until: 17 * time.Hour}}}},
		},
	},
	"clinica": {
		Name: "Clínica Sol", Zone: "America/Sao_Paulo", Languages: []string{"pt", "en"}, Hours: weekdays,
		Services: []booking.Service{{Name: "Limpeza", Duration: 30 * time.Minute}, {Name: "Avaliação", Duration: 30 * time.Minute}},
		Staff:    []booking.Staff{{Name: "Beatriz"}},
		Articles: articles,
	},
	"praxis": {
		Name: "Praxis Weber", Zone: "Europe/Berlin", Languages: []string{"de", "fr", "it", "en"}, Hours: weekdays,
		Services: []booking.Service{{Name: "Massage", Duration: 30 * time.Minute}},
		Articles: articles,
	},
}

var articles = map[string]string{
	"parking":        "Free parking behind the building.",
	"aparcamiento":   "Hay aparcamiento gratis detrás del edificio.",
	"estacionamento": "Há estacionamento grátis atrás do prédio.",
	"parkplatz":      "Parkplätze sind hinter dem Haus.",
	"cost":           "It costs 120 BZD.",
}
