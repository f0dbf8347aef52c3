package tenant

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// maxNesting is how deep a file may be nested.
const maxNesting = 32

// readTree reads YAML or JSON into nodes that know their lines.
func readTree(b []byte) (*yaml.Node, *Problem) {
	if !utf8.Valid(b) {
		return nil, &Problem{Field: "file", Message: "is not valid UTF-8"}
	}
	if trimmed := bytes.TrimLeft(b, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' && jsontext.Value(b).IsValid() {
		return readJSON(b)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Problem{Field: "file", Message: "is empty; a business is expected"}
		}
		return nil, yamlProblem(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Problem{Field: "file", Message: "holds more than one document, or something after it that is no YAML; one business is expected"}
	}
	if len(doc.Content) != 1 {
		return nil, &Problem{Line: doc.Line, Field: "file", Message: "a business is expected"}
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func yamlProblem(err error) *Problem {
	msg := err.Error()
	m := yamlLine.FindStringSubmatch(msg)
	p := &Problem{Field: "file", Message: "is not valid YAML: " + strings.TrimPrefix(msg, "yaml: ")}
	if m != nil && m[1] != "" {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = "is not valid YAML: " + msg[len(m[0]):]
	}
	return p
}

// readJSON builds the same nodes from JSON, which YAML parsers read only almost
// (they refuse "\ud83d\ude00").
func readJSON(b []byte) (*yaml.Node, *Problem) {
	r := jsonReader{dec: jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true)), text: b, line: 1}
	n, err := r.value(0)
	if err != nil {
		return nil, &Problem{Line: r.line, Field: "file", Message: "is not valid JSON: " + err.Error()}
	}
	return n, nil
}

type jsonReader struct {
	dec  *jsontext.Decoder
	text []byte
	read int // bytes counted into line
	line int
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	if depth > maxNesting {
		return nil, errTooDeep
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	at := int(r.dec.InputOffset())
	r.line += bytes.Count(r.text[r.read:at], []byte("\n"))
	r.read = at
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.line, Value: tok.String()}
	switch tok.Kind() {
	case '{', '[':
		n.Kind, n.Tag, n.Value = yaml.MappingNode, "!!map", ""
		if tok.Kind() == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		for r.dec.PeekKind() != '}' && r.dec.PeekKind() != ']' {
			child, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		_, err = r.dec.ReadToken()
		return n, err
	case '"':
		n.Tag = "!!str"
	case '0':
		n.Tag = "!!float"
		if _, err := strconv.Atoi(n.Value); err == nil {
			n.Tag = "!!int"
		}
	case 't', 'f':
		n.Tag = "!!bool"
	default:
		n.Tag = "!!null"
	}
	return n, nil
}

var errTooDeep = fmt.Errorf("nested deeper than %d levels", maxNesting)
