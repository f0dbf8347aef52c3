package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"frontdesk/agent/language"
)

var understandCommand = command{
	name:    "understand",
	summary: "print what the built-in brain sees in texts (JSON lines)",
	run:     understand,
}

// understand prints what the built-in brain sees in texts: JSON lines in, JSON
// lines out, with nothing behind it.
func understand(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("understand", flag.ContinueOnError)
	if err := parseAll(flags, understandUsage, args); err != nil {
		return err
	}
	return understandLines(os.Stdin, os.Stdout)
}

const understandUsage = `usage: frontdesk understand < messages.jsonl

Reads one JSON object a line and prints what the built-in brain sees in its text,
one JSON object a line, in the same order. A line that cannot be answered gets
{"id", "error"}. Nothing but the text is needed:

  id         comes back with the answer
  text       the message
  language   en, es, pt, fr, de or it; empty: found out from the text
  reference  when it was written: RFC 3339, or the wall clock of timezone; empty: now
  timezone   an IANA name such as America/Belize; empty: UTC
  previous   the agent's message before it, which "4" or "the same day" answers
  speaker    user (the default) or agent, whose own messages have no acts
  staff      names of people to look for
  services   names of services to look for

and prints:

  language   of the text; empty: it does not tell
  acts       book, move, cancel, ask, confirm, deny, greet, thank, complain, handoff, stop
  times      each expression of time: start, end, grain, and the words; a day alone
             is 2026-03-06, a clock time alone 16:30:00
  values     the days and clock times among them that are definite and not taken back
  staff, services
             the names found, as they were given
  confidence from 0 to 1
  flags      injection: the text tells the agent what it is or must do

example:
  echo '{"id":"1","text":"a cleaning on Friday at 4?","services":["Cleaning"]}' | frontdesk understand
`

// utterance is a line of input. Fields it does not name are ignored.
type utterance struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Language string `json:"language"`
	Previous string `json:"previous"`
	Speaker  string `json:"speaker"`
	// Reference is when it was written, Timezone where.
	Reference string   `json:"reference"`
	Timezone  string   `json:"timezone"`
	Staff     []string `json:"staff"`
	Services  []string `json:"services"`
}

// understood is a line of output.
type understood struct {
	ID         string           `json:"id"`
	Language   string           `json:"language"`
	Acts       []language.Act   `json:"acts"`
	Times      []understoodTime `json:"times"`
	Values     []string         `json:"values"`
	Services   []string         `json:"services"`
	Staff      []string         `json:"staff"`
	Confidence float64          `json:"confidence"`
	Flags      []string         `json:"flags"`
}

type notUnderstood struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// maxLine bounds a line of input, in bytes.
const maxLine = 4 << 20

// understandLines answers each line of in with one of out, written as it goes.
// A line that is no JSON object is answered with an error; empty ones are
// passed over.
func understandLines(in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	known := indexes{}
	for {
		line, tooLong, err := readLine(lines)
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			if err := encoder.Encode(answer(line, tooLong, known)); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read: %w", err)
		}
	}
}

// readLine returns the next line, cut at maxLine.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine - len(line); len(part) > room {
			part, tooLong = part[:room], true
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

func answer(line []byte, tooLong bool, known indexes) any {
	if tooLong {
		return notUnderstood{Error: fmt.Sprintf("line is longer than %d bytes", maxLine)}
	}
	var u utterance
	switch err := json.Unmarshal(line, &u); {
	case err != nil:
		return notUnderstood{ID: u.ID, Error: "not a JSON object with text fields: " + err.Error()}
	case !utf8.Valid(line):
		return notUnderstood{ID: u.ID, Error: "line is not UTF-8"}
	}
	r := language.Read(u.Text, language.Hints{
		Language: u.Language, Medium: language.WhatsApp, Previous: u.Previous, Agent: u.Speaker == "agent",
		Staff: known.index(language.NewIndex, "staff", u.Staff), Services: known.index(language.NewServiceIndex, "services", u.Services),
	})
	times, values, err := times(u, r.Language)
	if err != nil {
		return notUnderstood{ID: u.ID, Error: err.Error()}
	}
	return understood{
		ID: u.ID, Language: r.Language, Acts: documented(r.Acts), Times: times, Values: values,
		Services: language.Names(r.Services, u.Services), Staff: language.Names(r.Staff, u.Staff),
		Confidence: float64(int(r.Confidence*100+0.5)) / 100, Flags: append([]string{}, r.Flags...),
	}
}

// documented returns the acts that are printed: what is taken of an offer means
// something only to who made it.
func documented(acts []language.Act) []language.Act {
	out := make([]language.Act, 0, len(acts))
	for _, act := range acts {
		if act != language.Select {
			out = append(out, act)
		}
	}
	return out
}

// indexes are the lists of names seen, each indexed once.
type indexes map[string]*language.Index

// mostIndexes bounds how many lists are kept.
const mostIndexes = 256

func (x indexes) index(build func([]string) *language.Index, kind string, names []string) *language.Index {
	if len(names) == 0 {
		return nil
	}
	key := kind + "\x00" + strings.Join(names, "\x00")
	index, ok := x[key]
	if !ok {
		if len(x) >= mostIndexes {
			clear(x)
		}
		index = build(names)
		x[key] = index
	}
	return index
}
