package tenant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// MaxFileBytes bounds a business's file, attached documents included.
const MaxFileBytes = 32 << 20

var (
	slugForm     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	phoneForm    = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2,3}$`)
	dateForm     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	digitsForm   = regexp.MustCompile(`^[0-9]{5,20}$`)
	accountForm  = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	versionForm  = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)
	eventForm    = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?$`)
	weekdays     = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// Parse reads a business from YAML or JSON. Its error is an *InvalidError with
// everything that is wrong.
func Parse(b []byte) (*File, error) {
	if len(b) > MaxFileBytes {
		return nil, &InvalidError{Problems: []Problem{{Field: "file", Message: fmt.Sprintf("is over %d MB", MaxFileBytes>>20)}}}
	}
	root, problem := readTree(b)
	if problem != nil {
		return nil, &InvalidError{Problems: []Problem{*problem}}
	}
	r := &reader{}
	if !r.safe(root, 0) {
		return nil, &InvalidError{Problems: r.problems}
	}
	f := r.file(root)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, &InvalidError{Problems: r.problems}
	}
	return f, nil
}

func (r *reader) file(root *yaml.Node) *File {
	f := &File{sections: map[string]bool{}}
	o := r.object(root, "")
	for name, n := range o.values {
		f.sections[name] = n.Tag != "!!null"
	}
	if n := o.take("business"); n != nil {
		f.Business = r.business(n)
	} else if root.Kind == yaml.MappingNode {
		r.fault(root, "business", "is missing")
	}
	o.each("channels", func(n *yaml.Node, at string) { f.Channels = append(f.Channels, r.channel(n, at)) })
	o.each("agents", func(n *yaml.Node, at string) { f.Agents = append(f.Agents, r.agent(n, at, f)) })
	o.each("services", func(n *yaml.Node, at string) { f.Services = append(f.Services, r.service(n, at)) })
	o.each("staff", func(n *yaml.Node, at string) { f.Staff = append(f.Staff, r.staff(n, at)) })
	o.each("resources", func(n *yaml.Node, at string) { f.Resources = append(f.Resources, r.resource(n, at)) })
	files := r.files(o)
	o.each("knowledge", func(n *yaml.Node, at string) { f.Knowledge = append(f.Knowledge, r.article(n, at, f, files)) })
	o.each("keys", func(n *yaml.Node, at string) { f.Keys = append(f.Keys, r.key(n, at)) })
	o.each("webhooks", func(n *yaml.Node, at string) { f.Webhooks = append(f.Webhooks, r.webhook(n, at)) })
	o.done()
	r.unique(o, "channels", "name")
	r.unique(o, "agents", "name")
	r.unique(o, "services", "name")
	r.unique(o, "staff", "name")
	r.unique(o, "resources", "name")
	r.unique(o, "knowledge", "title")
	r.unique(o, "keys", "name")
	r.unique(o, "webhooks", "url")
	return f
}

// unique reports items of a section that bear a name twice.
func (r *reader) unique(o *object, section, field string) {
	n := o.values[section]
	if n == nil || n.Kind != yaml.SequenceNode {
		return
	}
	seen := map[string]int{}
	for i, item := range n.Content {
		for j := 0; j+1 < len(item.Content) && item.Kind == yaml.MappingNode; j += 2 {
			name := item.Content[j+1]
			if item.Content[j].Value != field || name.Kind != yaml.ScalarNode {
				continue
			}
			key := name.Value
			if section == "services" || section == "staff" || section == "resources" {
				key = strings.ToLower(key) // as they are told apart
			}
			if line, twice := seen[key]; twice {
				r.fault(name, fmt.Sprintf("%s[%d].%s", section, i, field), "stands already on line %d", line)
			} else {
				seen[key] = name.Line
			}
		}
	}
}

func (r *reader) business(n *yaml.Node) Tenant {
	o := r.object(n, "business")
	t := Tenant{
		Slug:  o.need("slug"),
		Name:  o.need("name"),
		Phone: o.matching("phone", phoneForm, "a number such as +5012279446"),
		Email: o.text("email"),
	}
	if t.Slug != "" && !slugForm.MatchString(t.Slug) {
		r.fault(o.values["slug"], "business.slug", "lower-case letters, digits and hyphens are expected, such as casa-maya")
	}
	t.Timezone = o.text("timezone")
	if t.Timezone == "" {
		t.Timezone = "UTC"
	} else if !validZone(t.Timezone) {
		r.fault(o.values["timezone"], "business.timezone", "an IANA name such as America/Belize is expected")
	}
	t.Languages = o.texts("languages")
	for i, l := range t.Languages {
		if !languageForm.MatchString(l) {
			r.fault(o.values["languages"].Content[i], fmt.Sprintf("business.languages[%d]", i), "a code such as en or es is expected")
		}
	}
	t.Plan = o.oneOf("plan", "starter", "free", "professional", "pro", "enterprise", "unlimited")
	if t.Plan == "" {
		t.Plan = DefaultPlan
	}
	if n := o.take("hours"); n != nil {
		t.Hours = r.hours(n, "business.hours")
	}
	t.Closed = r.dates(o, "closed")
	t.QuietHours = o.text("quiet_hours")
	if _, _, err := parseSpan(t.QuietHours); err != nil {
		r.fault(o.values["quiet_hours"], "business.quiet_hours", "%v", err)
	}
	t.DailyBudget = o.number("daily_budget", 0, 100_000_000)
	t.NoShowAfter = o.minutes("no_show_after", LongestNoShowAfter)
	if t.WaitlistTemplate = o.text("waitlist_template"); !validTemplate(t.WaitlistTemplate) {
		r.fault(o.values["waitlist_template"], "business.waitlist_template", templateExpected)
	}
	o.done()
	return t
}

func (r *reader) dates(o *object, field string) []string {
	out := o.texts(field)
	for i, d := range out {
		if !validDate(d) {
			r.fault(o.values[field].Content[i], fmt.Sprintf("%s[%d]", o.at(field), i), "a date such as 2026-12-25 is expected")
		}
	}
	return out
}

// hours is {monday: ["08:00-12:00", "13:00-17:00"]}.
func (r *reader) hours(n *yaml.Node, at string) Hours {
	o := r.object(n, at)
	out := Hours{}
	for _, day := range weekdays {
		spans := o.texts(day)
		last := time.Duration(-1)
		for i, s := range spans {
			until, message := followingSpan(s, last)
			if message != "" {
				r.fault(o.values[day].Content[i], fmt.Sprintf("%s.%s[%d]", at, day, i), "%s", message)
			}
			last = until
		}
		if o.values[day] != nil {
			out[day] = spans
		}
	}
	o.done()
	return out
}

// parseSpan reads "08:00-12:00" as times since midnight; "" is none.
func parseSpan(s string) (from, until time.Duration, err error) {
	if s == "" {
		return 0, 0, nil
	}
	a, b, ok := strings.Cut(s, "-")
	from, errA := parseClock(a)
	until, errB := parseClock(b)
	if !ok || errA != nil || errB != nil {
		return 0, 0, fmt.Errorf("a span such as 08:00-12:00 is expected")
	}
	return from, until, nil
}

func parseClock(s string) (time.Duration, error) {
	if s == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, fmt.Errorf("no time of day")
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
