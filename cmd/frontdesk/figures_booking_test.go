package main

import (
	"cmp"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

type turn struct {
	N       int    `json:"n"`
	Speaker string `json:"speaker"`
	Text    string `json:"text"`
}

// pending is the last day, clock time and name named in a dialogue so far.
type pending struct{ day, clock, name string }

func (p *pending) hear(s said) {
	for _, v := range s.Values {
		if strings.Contains(v, "-") {
			p.day = v
		} else {
			p.clock = v
		}
	}
	if len(s.Staff) > 0 {
		p.name = s.Staff[len(s.Staff)-1]
	}
}

// conversation makes the messages of the turns before one.
func conversation(id string, turns []turn, before int, reference string, staff []string) []message {
	var out []message
	previous := ""
	for _, u := range turns {
		if u.N >= before {
			break
		}
		m := message{ID: fmt.Sprintf("%s/%d", id, u.N), Text: u.Text, Reference: reference, Language: "en", Speaker: u.Speaker, Staff: staff}
		switch u.Speaker {
		case "user":
			m.Previous = previous
		case "agent":
			previous = u.Text
		default:
			continue
		}
		out = append(out, m)
	}
	return out
}

type sgdDialogue struct {
	ID            string   `json:"id"`
	ServiceType   string   `json:"service_type"`
	ReferenceDate string   `json:"reference_date"`
	ProvidersSeen []string `json:"providers_seen"`
	Turns         []turn   `json:"turns"`
	Confirms      []struct {
		Turn  int               `json:"turn"`
		Slots map[string]string `json:"slots"`
	} `json:"confirms"`
	Bookings []struct {
		Params map[string]string `json:"params"`
	} `json:"bookings"`
}

// own returns the names that the dialogue itself knows.
func (d sgdDialogue) own() []string {
	names := slices.Clone(d.ProvidersSeen)
	for _, c := range d.Confirms {
		names = append(names, nameSlots(c.Slots)...)
	}
	for _, b := range d.Bookings {
		names = append(names, nameSlots(b.Params)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func nameSlots(slots map[string]string) []string {
	var out []string
	for slot, value := range slots {
		if strings.HasSuffix(slot, "_name") {
			out = append(out, value)
		}
	}
	return out
}

// strangers returns eight names from other dialogues of the same trade, other
// ones for each dialogue.
func strangers(d sgdDialogue, all []sgdDialogue) []string {
	own := d.own()
	var pool []string
	for _, other := range all {
		if other.ID != d.ID && other.ServiceType == d.ServiceType {
			pool = append(pool, other.own()...)
		}
	}
	slices.Sort(pool)
	pool = slices.DeleteFunc(slices.Compact(pool), func(n string) bool { return slices.Contains(own, n) })
	key := func(n string) string { sum := sha1.Sum([]byte(d.ID + n)); return string(sum[:]) }
	slices.SortFunc(pool, func(a, b string) int { return cmp.Compare(key(a), key(b)) })
	return pool[:min(8, len(pool))]
}

func TestFiguresOfSGD(t *testing.T) {
	all := evalSet[sgdDialogue](t, "booking_sgd", "dialogues.dev.jsonl")
	var joint, day, clock, name tally
	for _, d := range all {
		staff := append(d.own(), strangers(d, all)...)
		for _, c := range d.Confirms {
			p := pending{day: d.ReferenceDate}
			for _, s := range hear(t, conversation(d.ID, d.Turns, c.Turn, d.ReferenceDate+"T00:00:00", staff)) {
				p.hear(s)
			}
			right := true
			for slot, want := range c.Slots {
				got, part := "", &name
				switch {
				case strings.HasSuffix(slot, "date"):
					got, part = p.day, &day
				case strings.HasSuffix(slot, "time"):
					got, part = p.clock, &clock
				case strings.HasSuffix(slot, "_name"):
					got = p.name
				default:
					continue
				}
				part.add(d.ID, got == want)
				if got != want {
					right = false
					misread(t, d.ID, "before turn %d %s is %q, want %q", c.Turn, slot, got, want)
				}
			}
			joint.add(d.ID, right)
		}
	}
	day.log(t, "booking_sgd day")
	clock.log(t, "booking_sgd time")
	name.log(t, "booking_sgd name")
	joint.log(t, "booking_sgd checkpoint joint")
	atLeast(t, "booking_sgd checkpoint joint", joint.rate(), 0.88)
}

type starDialogue struct {
	ID       string `json:"id"`
	Task     string `json:"task"`
	Now      string `json:"now"`
	Turns    []turn `json:"turns"`
	Bookings []struct {
		AfterTurn int            `json:"after_turn"`
		Params    map[string]any `json:"params"`
	} `json:"bookings"`
}

// starNames returns the names that a task's service knows.
func starNames(t *testing.T, task string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(os.Getenv("FRONTDESK_TEST_EVAL"), "booking_star", "apis", task+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Input []struct {
			Name       string
			Categories []string
		} `json:"input"`
	}
	if err := json.Unmarshal(raw, &api); err != nil {
		t.Fatal(err)
	}
	for _, in := range api.Input {
		if in.Name == "Name" {
			return in.Categories
		}
	}
	return nil
}

// aSunday is a day to count weekdays from where a dialogue states no other.
var aSunday = time.Date(2024, 1, 7, 0, 0, 0, 0, time.UTC)

// starNow returns the time of a dialogue: "Sunday, 5 pm", or a Sunday.
func starNow(now string) string {
	day, clock, _ := strings.Cut(now, ", ")
	at := aSunday
	for range 7 {
		if at.Weekday().String() == day {
			break
		}
		at = at.AddDate(0, 0, 1)
	}
	if c, err := time.Parse("3 pm", clock); err == nil {
		at = at.Add(time.Duration(c.Hour()) * time.Hour)
	}
	return at.Format("2006-01-02T15:04:05")
}

func TestFiguresOfSTAR(t *testing.T) {
	all := evalSet[starDialogue](t, "booking_star", "dialogues.dev.jsonl")
	var joint, day, clock, name tally
	tasks := map[string]*tally{}
	for _, d := range all {
		staff := starNames(t, d.Task)
		if tasks[d.Task] == nil {
			tasks[d.Task] = &tally{}
		}
		for _, b := range d.Bookings {
			wantDay, ok1 := b.Params["Day"].(string)
			wantClock, ok2 := b.Params["StartTimeHour"].(string)
			wantName, ok3 := b.Params["Name"].(string)
			at, err := time.Parse("3 pm", wantClock)
			if !ok1 || !ok2 || !ok3 || err != nil {
				continue
			}
			var p pending
			for _, s := range hear(t, conversation(d.ID, d.Turns, b.AfterTurn, starNow(d.Now), staff)) {
				p.hear(s)
				for _, x := range s.Times { // a range counts by its start
					if _, start, ok := strings.Cut(x.Start, "T"); ok {
						p.clock = start[:5]
					} else if strings.Contains(x.Start, ":") {
						p.clock = x.Start[:5]
					}
				}
			}
			gotDay := ""
			if on, err := time.Parse(time.DateOnly, p.day); err == nil {
				gotDay = on.Weekday().String()
			}
			rights := [3]bool{gotDay == wantDay, p.clock == at.Format("15:04"), p.name == wantName}
			day.add(d.ID, rights[0])
			clock.add(d.ID, rights[1])
			name.add(d.ID, rights[2])
			right := rights == [3]bool{true, true, true}
			joint.add(d.ID, right)
			tasks[d.Task].add(d.ID, right)
			if !right {
				misread(t, d.ID, "%s before turn %d: %s %s %s, want %s %s %s", d.Task, b.AfterTurn, gotDay, p.clock, p.name, wantDay, at.Format("15:04"), wantName)
			}
		}
	}
	for task, one := range tasks {
		one.log(t, "booking_star "+task)
	}
	day.log(t, "booking_star day")
	clock.log(t, "booking_star time")
	name.log(t, "booking_star name")
	joint.log(t, "booking_star joint")
	atLeast(t, "booking_star joint", joint.rate(), 0.92)
}
