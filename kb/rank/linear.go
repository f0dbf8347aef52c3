package rank

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// The training of the classifier. The figures are the usual ones for short
// texts; they were not searched for.
const (
	svmCost      = 0.4  // price of an error against a wide margin
	svmTolerance = 0.01 // largest violation left when training ends
	svmEpochs    = 60   // at most
)

// linear is one separating plane a class, over the features of a vocabulary.
type linear struct {
	classes int
	weight  []float32 // feature × class, so that a question reads rows
	bias    []float32
}

// trainLinear fits a plane for each class against all others (L2-regularised
// squared hinge, dual coordinate descent with shrinking: Hsieh et al., ICML
// 2008), with up to workers classes at once. It returns nil if ctx ends first.
func trainLinear(ctx context.Context, xs []vector, class []int32, classes, dims, workers int) *linear {
	l := &linear{classes: classes, weight: make([]float32, dims*classes), bias: make([]float32, classes)}
	norms := make([]float32, len(xs))
	for i, x := range xs {
		norms[i] = 1 + 0.5/svmCost
		for _, v := range x.value {
			norms[i] += v * v
		}
	}
	var next atomic.Int32
	var wg sync.WaitGroup
	for range max(1, min(workers, classes)) {
		wg.Go(func() {
			p := &plane{xs: xs, class: class, norms: norms, w: make([]float32, dims+1), alpha: make([]float32, len(xs)), order: make([]int32, len(xs))}
			for c := next.Add(1) - 1; int(c) < classes && ctx.Err() == nil; c = next.Add(1) - 1 {
				p.fit(c)
				l.bias[c] = p.w[dims]
				for j, w := range p.w[:dims] {
					if w != 0 {
						l.weight[j*classes+int(c)] = w
					}
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return l
}

// plane is the work space of one worker.
type plane struct {
	xs    []vector
	class []int32
	norms []float32
	w     []float32 // the last one is the bias
	alpha []float32
	order []int32
}

// fit leaves the plane of class c in p.w.
func (p *plane) fit(c int32) {
	clear(p.w)
	clear(p.alpha)
	for i := range p.order {
		p.order[i] = int32(i)
	}
	rnd := uint64(c)*0x9E3779B97F4A7C15 + 1
	active := len(p.order)
	upper := float32(math.Inf(1)) // violations above it shrink
	for range svmEpochs {
		shuffle(p.order[:active], &rnd)
		high, low := float32(math.Inf(-1)), float32(math.Inf(1))
		for s := 0; s < active; s++ {
			i := p.order[s]
			g, shrink := p.step(i, c, upper)
			if shrink {
				active--
				p.order[s], p.order[active] = p.order[active], p.order[s]
				s--
				continue
			}
			high, low = max(high, g), min(low, g)
		}
		if high-low <= svmTolerance {
			if active == len(p.order) {
				return
			}
			active, upper = len(p.order), float32(math.Inf(1))
			continue
		}
		if upper = high; upper <= 0 {
			upper = float32(math.Inf(1))
		}
	}
}

// step moves one example's multiplier to its optimum. It returns the projected
// gradient, and whether the example can be left out for now.
func (p *plane) step(i, c int32, upper float32) (float32, bool) {
	x := &p.xs[i]
	y := float32(-1)
	if p.class[i] == c {
		y = 1
	}
	last := len(p.w) - 1
	dot := p.w[last]
	for k, j := range x.index {
		dot += p.w[j] * x.value[k]
	}
	g := y*dot - 1 + p.alpha[i]*(0.5/svmCost)
	projected := g
	if p.alpha[i] == 0 {
		if g > upper {
			return 0, true
		}
		projected = min(g, 0)
	}
	if projected > -1e-9 && projected < 1e-9 {
		return projected, false
	}
	old := p.alpha[i]
	p.alpha[i] = max(old-g/p.norms[i], 0)
	d := (p.alpha[i] - old) * y
	p.w[last] += d
	for k, j := range x.index {
		p.w[j] += d * x.value[k]
	}
	return projected, false
}

// shuffle is Fisher–Yates over a xorshift generator: training is the same on
// every run.
func shuffle(v []int32, state *uint64) {
	for i := len(v) - 1; i > 0; i-- {
		*state ^= *state << 13
		*state ^= *state >> 7
		*state ^= *state << 17
		j := int(*state % uint64(i+1))
		v[i], v[j] = v[j], v[i]
	}
}

// decide writes each class's distance from its plane to out.
func (l *linear) decide(x vector, out []float32) {
	copy(out, l.bias)
	for k, j := range x.index {
		row := l.weight[int(j)*l.classes : int(j+1)*l.classes]
		v := x.value[k]
		for c, w := range row {
			out[c] += v * w
		}
	}
}
