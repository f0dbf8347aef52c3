package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"frontdesk/kb/eval"
	"frontdesk/kb/rank"
)

// kbCommand measures the answering on one's own articles and questions. It
// runs alone: no server, no database, nothing written.
var kbCommand = command{
	name:    "kb",
	summary: "kb eval: measure answering on articles and questions in files",
	run: func(ctx context.Context, args []string) error {
		return evalKB(ctx, args, os.Stdout, os.Stderr)
	},
}

const kbUsage = `usage: frontdesk kb eval --articles A.jsonl --queries Q.jsonl [--dev-queries D.jsonl] [--json] [--per-query]

Measures answering on one's own articles and questions. It runs alone: no
server, no database, nothing written.

  --articles     one JSON object a line: doc, and what it has of title, question,
                 alt_questions, answer
  --queries      the questions: q, text, gold (the ids of the articles that
                 answer; empty where none does)
  --dev-queries  questions to choose the declining threshold on; without it the
                 built-in one is used
  --json         print one JSON object
  --per-query    print a line a question: what was ranked, and whether declined

example:
  frontdesk kb eval --articles corpus.jsonl --queries questions.jsonl
`

// kbEval is a call of kb eval.
type kbEval struct {
	articles, queries, dev string
	json, perQuery         bool
	stdout, stderr         io.Writer
}

func evalKB(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	e := kbEval{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("kb eval", flag.ContinueOnError)
	flags.StringVar(&e.articles, "articles", "", "")
	flags.StringVar(&e.queries, "queries", "", "")
	flags.StringVar(&e.dev, "dev-queries", "", "")
	flags.BoolVar(&e.json, "json", false, "")
	flags.BoolVar(&e.perQuery, "per-query", false, "")
	var do string
	if err := parseVerb(flags, kbUsage, args, &do, "eval"); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return &misuse{fmt.Sprintf("unexpected argument %q", flags.Arg(0)), kbUsage}
	case e.articles == "" || e.queries == "":
		return &misuse{"--articles and --queries are needed", kbUsage}
	}
	return e.run(ctx)
}

func (e kbEval) run(ctx context.Context) error {
	questions, err := e.questions(e.queries)
	if err != nil {
		return err
	}
	var dev []eval.Question
	if e.dev != "" {
		if dev, err = e.questions(e.dev); err != nil {
			return err
		}
	}
	corpus, err := e.corpus(ctx)
	if err != nil {
		return err
	}
	threshold := rank.Threshold
	if e.dev != "" {
		var outcomes []eval.Outcome
		keep := func(o eval.Outcome) error { outcomes = append(outcomes, o); return nil }
		if err := corpus.Ask(ctx, dev, keep); err != nil {
			return err
		}
		threshold = eval.Best(outcomes)
	}
	tally := eval.NewTally(threshold)
	err = corpus.Ask(ctx, questions, func(o eval.Outcome) error {
		tally.Add(o)
		if e.perQuery {
			return corpus.WriteLine(e.stdout, o, tally.Declined(o))
		}
		if o.Err != nil {
			fmt.Fprintf(e.stderr, "%s, %s: %v\n", e.queries, o.ID, o.Err)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case e.json:
		return json.NewEncoder(e.stdout).Encode(tally.Report())
	case !e.perQuery:
		return tally.Report().WriteTable(e.stdout)
	}
	return nil
}

func (e kbEval) questions(name string) ([]eval.Question, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	qs, err := eval.ReadQuestions(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return qs, nil
}

func (e kbEval) corpus(ctx context.Context) (*eval.Corpus, error) {
	f, err := os.Open(e.articles)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	docs, articles, err := eval.ReadArticles(f, func(n int, err error) {
		fmt.Fprintf(e.stderr, "%s, line %d left out: %v\n", e.articles, n, err)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.articles, err)
	}
	model := rank.Train(ctx, articles, rank.Options{})
	if model == nil {
		return nil, ctx.Err()
	}
	return &eval.Corpus{Docs: docs, Model: model}, nil
}
