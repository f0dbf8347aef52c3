package language_test

import (
	"testing"

	"frontdesk/agent/language"
)

func TestServicesAreNamedInOtherLanguages(t *testing.T) {
	dental := []string{"Check-up", "Cleaning", "Filling", "Whitening"}
	salon := []string{"Corte de pelo", "Tinte", "Deep cleaning", "Cleaning"}
	tests := []struct {
		rule     string
		services []string
		text     string
		want     string
	}{
		{"its own name", dental, "a cleaning please", "Cleaning"},
		{"Spanish", dental, "quería una limpieza dental", "Cleaning"},
		{"Portuguese, mistyped", dental, "queria marcar uma limpesa", "Cleaning"},
		{"French", dental, "un détartrage s'il vous plaît", "Cleaning"},
		{"German", dental, "einen Termin zur Zahnreinigung", "Cleaning"},
		{"Italian", dental, "vorrei fare uno sbiancamento", "Whitening"},
		{"of two words", dental, "blanqueamiento dental el lunes", "Whitening"},
		{"the other way", salon, "I need a haircut", "Corte de pelo"},
		{"one of the same trade is not guessed", []string{"Cleaning", "Teeth cleaning"}, "una limpieza", ""},
		{"a service called so itself is meant", []string{"Limpieza", "Cleaning of carpets"}, "una limpieza", "Limpieza"},
		{"no service", dental, "¿tienen aparcamiento?", ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			index := language.NewServiceIndex(tt.services)
			got := ""
			for _, f := range index.Find(tt.text) {
				got = tt.services[f.Name]
			}
			if got != tt.want {
				t.Errorf("%q names %q, want %q", tt.text, got, tt.want)
			}
			if index.Len() != len(tt.services) {
				t.Errorf("the index has %d names, want those of the list", index.Len())
			}
		})
	}
}
