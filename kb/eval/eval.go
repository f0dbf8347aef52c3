// Package eval measures ranking and declining on files: articles, questions and
// which article each question is about. It asks kb/rank, the same code that
// answers customers.
package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"frontdesk/kb/rank"
)

// Corpus is the articles of a file, trained on.
type Corpus struct {
	Docs  []string // ids, in the file's order
	Model *rank.Model
}

// Question is a line of a query file. Gold is empty where no article fits; a
// question without the field is ranked and not counted.
type Question struct {
	ID     string
	Text   string
	Gold   []string
	Counts bool
	Err    error // why the line could not be read; nil otherwise
}

type document struct {
	Doc       string   `json:"doc"`
	Title     string   `json:"title"`
	Question  string   `json:"question"`
	Questions []string `json:"alt_questions"`
	Answer    string   `json:"answer"`
	Language  string   `json:"language"`
}

// maxLine bounds one line of a file.
const maxLine = 16 << 20

// ReadArticles reads a corpus, one JSON object a line. Every line that cannot
// be read is handed to bad with its number, and left out.
func ReadArticles(r io.Reader, bad func(line int, err error)) (docs []string, articles []rank.Article, err error) {
	err = eachLine(r, func(n int, line []byte) {
		var d document
		if err := json.Unmarshal(line, &d); err != nil {
			bad(n, err)
			return
		}
		if d.Doc == "" {
			bad(n, errors.New(`field "doc" is missing`))
			return
		}
		a := rank.Article{Title: d.Title, Language: d.Language}
		if d.Question != "" {
			a.Questions = append(a.Questions, d.Question)
		}
		a.Questions = append(a.Questions, d.Questions...)
		if d.Answer != "" {
			a.Passages = []string{d.Answer}
		}
		docs, articles = append(docs, d.Doc), append(articles, a)
	})
	return docs, articles, err
}

// ReadQuestions reads a query file. A line that cannot be read is kept with Err.
func ReadQuestions(r io.Reader) ([]Question, error) {
	var out []Question
	err := eachLine(r, func(n int, line []byte) {
		out = append(out, question(n, line))
	})
	return out, err
}

func question(n int, line []byte) Question {
	var q struct {
		Q    string    `json:"q"`
		ID   string    `json:"id"`
		Text *string   `json:"text"`
		Gold *[]string `json:"gold"`
	}
	err := json.Unmarshal(line, &q)
	out := Question{ID: q.Q, Err: err}
	if out.ID == "" {
		out.ID = q.ID
	}
	if out.ID == "" {
		out.ID = fmt.Sprintf("line-%d", n)
	}
	if err == nil && q.Text == nil {
		out.Err = errors.New(`field "text" is missing`)
	}
	if out.Err != nil {
		return out
	}
	out.Text = *q.Text
	if q.Gold != nil {
		out.Gold, out.Counts = *q.Gold, true
	}
	return out
}

// eachLine calls fn with each line that is not blank. A line beyond maxLine
// ends the reading with an error.
func eachLine(r io.Reader, fn func(n int, line []byte)) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), maxLine)
	n := 0
	for sc.Scan() {
		n++
		if line := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\ufeff"))); len(line) > 0 {
			fn(n, line)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
