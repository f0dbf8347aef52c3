package tenant

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// BusinessChange is what of a business changes; nil leaves as it is. Slug and
// plan are for who runs the system, by the business's file.
type BusinessChange struct {
	Name        *string
	Timezone    *string
	Phone       *string
	Email       *string
	Languages   *[]string
	Hours       *Hours // the whole week
	Closed      *[]string
	QuietHours  *string
	DailyBudget *int
	NoShowAfter *time.Duration

	WaitlistTemplate *string
}

// LongestNoShowAfter bounds how long after its end an appointment is marked as a
// no-show.
const LongestNoShowAfter = 7 * 24 * time.Hour

const templateExpected = "the name of an approved template is expected, such as slot_free or slot_free/en_US"

// validTemplate reports whether s names a template, or is empty.
func validTemplate(s string) bool { return len(s) <= 512 && !strings.ContainsAny(s, " \t\n\x00") }

// FieldError is one field of a change that cannot be taken.
type FieldError struct{ Field, Message string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

// Check returns everything that is wrong with the change.
func (c BusinessChange) Check() []FieldError {
	var out []FieldError
	wrong := func(field, format string, args ...any) {
		out = append(out, FieldError{field, fmt.Sprintf(format, args...)})
	}
	if c.Name != nil && *c.Name == "" {
		wrong("name", "is empty")
	}
	if c.Timezone != nil && !validZone(*c.Timezone) {
		wrong("timezone", "an IANA name such as America/Belize is expected")
	}
	if c.Phone != nil && *c.Phone != "" && !phoneForm.MatchString(*c.Phone) {
		wrong("phone", "a number such as +5012279446 is expected")
	}
	if c.Email != nil && *c.Email != "" && !validMail(*c.Email) {
		wrong("email", "an address such as desk@example.com is expected")
	}
	for i, l := range of(c.Languages) {
		if !languageForm.MatchString(l) {
			wrong(fmt.Sprintf("languages[%d]", i), "a code such as en or es is expected")
		}
	}
	for i, d := range of(c.Closed) {
		if !validDate(d) {
			wrong(fmt.Sprintf("closed[%d]", i), "a date such as 2026-12-25 is expected")
		}
	}
	if c.Hours != nil {
		out = append(out, c.Hours.check()...)
	}
	if c.QuietHours != nil {
		if _, _, err := parseSpan(*c.QuietHours); err != nil {
			wrong("quiet_hours", "%v", err)
		}
	}
	if c.WaitlistTemplate != nil && !validTemplate(*c.WaitlistTemplate) {
		wrong("waitlist_template", templateExpected)
	}
	return out
}

func of(list *[]string) []string {
	if list == nil {
		return nil
	}
	return *list
}

func validZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

func validMail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && utf8.ValidString(s)
}

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && dateForm.MatchString(s)
}

func (h Hours) check() []FieldError {
	var out []FieldError
	days := make([]string, 0, len(h))
	for day := range h {
		days = append(days, day)
	}
	slices.Sort(days)
	for _, day := range days {
		if !slices.Contains(weekdays, day) {
			out = append(out, FieldError{"hours." + day, "a weekday in lower case is expected, such as monday"})
			continue
		}
		last := time.Duration(-1)
		for i, s := range h[day] {
			until, message := followingSpan(s, last)
			if message != "" {
				out = append(out, FieldError{fmt.Sprintf("hours.%s[%d]", day, i), message})
			}
			last = until
		}
	}
	return out
}

// followingSpan reads a span that may not begin before last, and returns its
// end and what is wrong with it.
func followingSpan(s string, last time.Duration) (until time.Duration, message string) {
	from, until, err := parseSpan(s)
	switch {
	case err != nil:
		return until, err.Error()
	case until <= from:
		return until, "ends before it begins"
	case from < last:
		return until, "begins before the one in front of it has ended"
	}
	return until, ""
}

func (c BusinessChange) apply(t *Tenant) {
	set(&t.Name, c.Name)
	set(&t.Timezone, c.Timezone)
	set(&t.Phone, c.Phone)
	set(&t.Email, c.Email)
	set(&t.Languages, c.Languages)
	set(&t.Hours, c.Hours)
	set(&t.Closed, c.Closed)
	set(&t.QuietHours, c.QuietHours)
	set(&t.DailyBudget, c.DailyBudget)
	set(&t.NoShowAfter, c.NoShowAfter)
	set(&t.WaitlistTemplate, c.WaitlistTemplate)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
