package kb

import (
	"container/list"
	"context"
	"sync"

	"frontdesk/ingest"
	"frontdesk/kb/rank"
)

// scope is whose knowledge it is, seen by whom.
type scope struct {
	tenant ingest.TenantID
	agent  ingest.AgentID
}

// known is an article as it is answered from.
type known struct {
	id        ingest.ArticleID
	title     string
	language  string
	questions []string
	whole     string // the answer of a FAQ; empty for other types
	passages  []knownPassage
}

type knownPassage struct {
	id      ingest.PassageID
	heading string
	text    string
}

// snapshot is what a scope knew at one generation, with what was learnt of it.
// It is not changed once made.
type snapshot struct {
	generation int64
	articles   []known
	model      *rank.Model
	bytes      int
}

// learn trains on articles; nil where ctx ended.
func learn(ctx context.Context, generation int64, articles []known, workers int) *snapshot {
	docs := make([]rank.Article, len(articles))
	bytes := 0
	for i, a := range articles {
		docs[i] = rank.Article{Title: a.title, Questions: a.questions, Language: a.language}
		bytes += 300 + len(a.title) + len(a.whole)
		for _, q := range a.questions {
			bytes += len(q) + 16
		}
		for _, p := range a.passages {
			docs[i].Passages = append(docs[i].Passages, p.heading+"\n"+p.text)
			bytes += 100 + len(p.heading) + len(p.text)
		}
	}
	model := rank.Train(ctx, docs, rank.Options{Workers: workers})
	if model == nil {
		return nil
	}
	return &snapshot{generation, articles, model, bytes + model.Bytes()}
}

// memory keeps the snapshots used last, within a bound of bytes, and makes sure
// that each is made once.
type memory struct {
	mu     sync.Mutex
	max    int
	bytes  int
	byUse  *list.List // of *entry, the last used first
	kept   map[scope]*list.Element
	making map[scope]*making
}

type entry struct {
	scope scope
	snap  *snapshot
}

// making is a snapshot that is being made; done is closed when it is there, or
// could not be made.
type making struct {
	generation int64
	done       chan struct{}
}

func newMemory(max int) *memory {
	return &memory{max: max, byUse: list.New(), kept: map[scope]*list.Element{}, making: map[scope]*making{}}
}

// at returns the snapshot of a scope at this generation or a later one, or nil.
// A later one is as good: it lacks whatever was retracted by this one.
func (m *memory) at(sc scope, generation int64) *snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.kept[sc]
	if !ok || e.Value.(*entry).snap.generation < generation {
		return nil
	}
	m.byUse.MoveToFront(e)
	return e.Value.(*entry).snap
}

// begin reports whether the caller is to make the snapshot, and to call end
// after. Otherwise another makes it, or a later one.
func (m *memory) begin(sc scope, generation int64) (*making, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now, ok := m.making[sc]; ok && now.generation >= generation {
		return now, false
	}
	mk := &making{generation, make(chan struct{})}
	m.making[sc] = mk
	return mk, true
}

// end keeps snap, if it was made and none of a later generation is there.
func (m *memory) end(sc scope, mk *making, snap *snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.making[sc] == mk {
		delete(m.making, sc)
	}
	close(mk.done)
	if snap == nil || snap.bytes > m.max {
		return
	}
	if e, ok := m.kept[sc]; ok {
		if e.Value.(*entry).snap.generation > snap.generation {
			return
		}
		m.drop(e)
	}
	m.kept[sc] = m.byUse.PushFront(&entry{sc, snap})
	m.bytes += snap.bytes
	for m.bytes > m.max && m.byUse.Len() > 1 {
		m.drop(m.byUse.Back())
	}
}

func (m *memory) drop(e *list.Element) {
	old := m.byUse.Remove(e).(*entry)
	delete(m.kept, old.scope)
	m.bytes -= old.snap.bytes
}
