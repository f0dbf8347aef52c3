package main

import (
	"fmt"
	"time"

	"frontdesk/agent/language"
	"frontdesk/agent/language/when"
)

// understoodTime is an expression of time in a text.
type understoodTime struct {
	Start string `json:"start"`
	End   string `json:"end"`
	Grain string `json:"grain"`
	Text  string `json:"text"`
}

// times returns the expressions of time in a text and the definite days and
// clock times in them. Lengths of time are none.
func times(u utterance, lang string) ([]understoodTime, []string, error) {
	now, err := referenceTime(u.Reference, u.Timezone)
	if err != nil {
		return nil, nil, err
	}
	if lang == "" {
		lang, _ = language.Detect(u.Previous, nil)
	}
	mentions := when.Read(u.Text, when.Reference{Now: now, Language: lang, Previous: u.Previous})
	list := []understoodTime{}
	for _, m := range mentions {
		if m.Kind == when.Length || m.Start.IsZero() && m.End.IsZero() {
			continue
		}
		list = append(list, understoodTime{Start: m.Start.String(), End: m.End.String(), Grain: m.Grain.String(), Text: m.Text})
	}
	return list, when.Values(mentions), nil
}

// referenceTime returns when a text was written, in its zone: RFC 3339, or
// without offset the wall clock there. Without a time it is now.
func referenceTime(text, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("timezone %q is no IANA name", zone)
	}
	if text == "" {
		return time.Now().In(loc), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(loc), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, loc); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("reference %q is neither RFC 3339 nor a wall clock such as 2026-03-02T15:15:00", text)
}
