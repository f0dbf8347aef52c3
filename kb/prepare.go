package kb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/ingest"
	"frontdesk/kb/extract"
	"frontdesk/kb/passage"
	"frontdesk/kb/rank"
)

// Bounds on a draft.
const (
	maxTitle     = 500 // letters
	maxQuestion  = 1000
	maxQuestions = 1000
	maxContent   = extract.MaxText // bytes
	maxSource    = 2000
)

// prepared is a draft that can be stored.
type prepared struct {
	Draft
	hash     string
	passages []passage.Passage
}

// prepare checks d, takes the text out of a file, and cuts it into passages.
func (s *Store) prepare(ctx context.Context, d Draft) (prepared, error) {
	if d.Type == "" {
		d.Type = Text
	}
	d.Title, d.Source, d.Language = clean(d.Title), clean(d.Source), strings.ToLower(clean(d.Language))
	d.Questions = slices.Clone(d.Questions)
	for i, q := range d.Questions {
		d.Questions[i] = clean(q)
	}
	d.Questions = slices.DeleteFunc(d.Questions, func(q string) bool { return q == "" })
	if err := d.check(); err != nil {
		return prepared{}, err
	}
	if len(d.Data) > 0 {
		text, err := s.config.Extract(ctx, string(d.Type), d.Data)
		switch {
		case errors.Is(err, extract.ErrTooLarge), errors.Is(err, extract.ErrUnreadable):
			return prepared{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
		case err != nil:
			return prepared{}, err
		}
		d.Content = text
	}
	d.Content, d.Data = clean(d.Content), nil
	if d.Content == "" {
		if d.Type == PDF || d.Type == DOCX {
			return prepared{}, fmt.Errorf("%w: it holds no text (a scan needs character recognition first)", ErrUnreadable)
		}
		return prepared{}, invalid("content", "content is empty")
	}
	if len(d.Content) > maxContent {
		return prepared{}, invalid("content", "content has %d bytes, at most %d are taken", len(d.Content), maxContent)
	}
	p := prepared{Draft: d, hash: d.digest(), passages: passage.Split(blocks(d.Type, d.Content))}
	if len(p.passages) == 0 {
		return prepared{}, invalid("content", "content holds no text")
	}
	if p.Language == "" {
		p.Language = rank.Detect(d.Title+" "+strings.Join(d.Questions, " ")+" "+d.Content[:min(len(d.Content), 4000)], nil)
	}
	return p, nil
}

func invalid(field, format string, args ...any) error {
	return &ingest.FieldError{Err: ErrInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// check returns an error that names the first field which cannot be taken.
func (d Draft) check() error {
	long := func(field string, n, most int) error {
		return invalid(field, "%s has %d characters, at most %d are taken", field, n, most)
	}
	switch {
	case !slices.Contains([]Type{Text, Markdown, HTML, FAQ, PDF, DOCX}, d.Type):
		return invalid("type", "type %q, expected text, markdown, html, faq, pdf or docx", d.Type)
	case utf8.RuneCountInString(d.Title) > maxTitle:
		return long("title", utf8.RuneCountInString(d.Title), maxTitle)
	case len(d.Source) > maxSource:
		return long("source", len(d.Source), maxSource)
	case len(d.Language) > 8:
		return long("language", len(d.Language), 8)
	case len(d.Questions) > maxQuestions:
		return invalid("questions", "%d questions, at most %d are taken", len(d.Questions), maxQuestions)
	case len(d.Data) > 0 && d.Type != PDF && d.Type != DOCX:
		return invalid("type", "a file is taken for types pdf and docx, not %s", d.Type)
	case d.Type == FAQ && d.Title == "" && len(d.Questions) == 0:
		return invalid("title", "type faq needs a title or questions")
	}
	for _, q := range d.Questions {
		if n := utf8.RuneCountInString(q); n > maxQuestion {
			return invalid("questions", "a question has %d characters, at most %d are taken", n, maxQuestion)
		}
	}
	return nil
}

// clean makes s storable: valid UTF-8, no NUL, no blanks around it.
func clean(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
}

// digest is the same for drafts that answer alike.
func (d Draft) digest() string {
	h := sha256.New()
	var n [8]byte
	for _, part := range append([]string{string(d.Agent), d.Title, d.Content, string(d.Type), d.Language, d.Source}, d.Questions...) {
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func blocks(t Type, content string) []passage.Block {
	switch t {
	case Markdown, DOCX:
		return passage.FromMarkdown(content)
	case HTML:
		return passage.FromHTML(content)
	}
	return passage.FromText(content)
}
