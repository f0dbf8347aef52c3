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
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), `Usage: frontdesk understand < messages.jsonl

Reads one JSON object a line ({"id", "text", "language", "speaker"}) and prints
what the built-in brain sees in the text: its language, acts and flags.`)
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	return understandLines(os.Stdin, os.Stdout)
}

// utterance is a line of input. Fields it does not name are ignored.
type utterance struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Language string `json:"language"`
	Speaker  string `json:"speaker"`
}

// understood is a line of output. Times, values and names are empty until
// dates and bookings are understood.
type understood struct {
	ID         string         `json:"id"`
	Language   string         `json:"language"`
	Acts       []language.Act `json:"acts"`
	Times      []struct{}     `json:"times"`
	Values     []string       `json:"values"`
	Services   []string       `json:"services"`
	Staff      []string       `json:"staff"`
	Confidence float64        `json:"confidence"`
	Flags      []string       `json:"flags"`
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
	for {
		line, tooLong, err := readLine(lines)
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			if err := encoder.Encode(answer(line, tooLong)); err != nil {
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

func answer(line []byte, tooLong bool) any {
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
	r := language.Read(u.Text, language.Hints{Language: u.Language, Medium: language.WhatsApp})
	if u.Speaker == "agent" {
		r.Acts = nil
	}
	return understood{
		ID: u.ID, Language: r.Language, Acts: append([]language.Act{}, r.Acts...), Times: []struct{}{}, Values: []string{}, Services: []string{}, Staff: []string{},
		Confidence: float64(int(r.Confidence*100+0.5)) / 100, Flags: append([]string{}, r.Flags...),
	}
}
