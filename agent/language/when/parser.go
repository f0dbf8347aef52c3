package when

import "sync"

// parser reads one text. Its buffers are used for the next one.
type parser struct {
	scanner
	table *table
	lang  string
	memo  []memo
	tried specs
	found []expression
	resolver
}

// memo is the piece that begins at a lexeme, once it was looked for.
type memo struct {
	spec spec
	end  int32
	done bool
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

// start prepares p for text.
func (p *parser) start(text, lang string) {
	if len(text) > longest {
		text = cutAt(text, longest)
	}
	p.table, p.lang = tableFor(lang), language(lang)
	p.scan(text)
	p.lookup(p.table)
	if cap(p.memo) < len(p.lex) {
		p.memo = make([]memo, len(p.lex)+16)
	}
	p.memo = p.memo[:len(p.lex)]
	for i := range p.memo {
		p.memo[i].done = false
	}
	p.found = p.found[:0]
}

// language returns the two letters of a language that has a table.
func language(code string) string {
	if len(code) >= 2 {
		if _, ok := tables[lower2(code)]; ok {
			return lower2(code)
		}
	}
	return "en"
}

func lower2(code string) string {
	return string([]byte{code[0] | 0x20, code[1] | 0x20})
}

// cutAt cuts text to at most n bytes, not within a letter.
func cutAt(text string, n int) string {
	for n > 0 && text[n]&0xc0 == 0x80 {
		n--
	}
	return text[:n]
}

const marks = cColon | cDot | cComma | cSlash | cDash | cPunct | cMark | cAside

// atom returns the longest piece that begins at the i-th lexeme, and where it
// ends. Of two as long, the rule that stands first.
func (p *parser) atom(i int) (spec, int) {
	if i >= len(p.lex) || p.lex[i].class&^marks == 0 {
		return spec{}, i
	}
	m := &p.memo[i]
	if m.done {
		return m.spec, int(m.end)
	}
	m.done, m.spec, m.end = true, spec{}, int32(i)
	for r := range rules {
		rule := &rules[r]
		if rule.first&p.lex[i].class == 0 || !rule.speaks(p.lang) {
			continue
		}
		p.tried[0] = spec{}
		end, at := rule.match(p.lex, i, 0, &p.tried, 0)
		if end > int(m.end) && rule.build(&p.tried[at]) {
			m.spec, m.end = p.tried[at], int32(end)
		}
	}
	return m.spec, int(m.end)
}

func (r *rule) speaks(lang string) bool {
	if r.langs == "" {
		return true
	}
	for i := 0; i+1 < len(r.langs); i += 3 {
		if r.langs[i:i+2] == lang {
			return true
		}
	}
	return false
}
