package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/agent/booking"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest/tenantdb"
)

// deadlocks counts those that Postgres ended, however they were dealt with.
type deadlocks struct{ n atomic.Int64 }

func (d *deadlocks) note(err error) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "40P01" {
		d.n.Add(1)
	}
}

func (d *deadlocks) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (d *deadlocks) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	d.note(q.Err)
}
func (d *deadlocks) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
func (d *deadlocks) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (d *deadlocks) TraceQueryEnd(_ context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	d.note(q.Err)
}

// guard is what a rush is run with.
type guard struct {
	name                 string
	noLock, noConstraint bool
}

var guarded = guard{name: "guarded"}

// rush is a business with one member of the staff and one service, on a pool
// whose deadlocks are counted.
func newRush(t *testing.T, g guard) (*world, *deadlocks) {
	t.Helper()
	url := schematest.PostgresURL(t)
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	count := &deadlocks{}
	config.MaxConns = 16
	config.ConnConfig.RuntimeParams["role"] = tenantdb.TenantRole
	config.ConnConfig.RuntimeParams["deadlock_timeout"] = "20ms" // what is found is the same, sooner
	config.ConnConfig.Tracer = count
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := &world{t: t, db: tenantdb.New(pool, pool), now: now}
	cfg := booking.Config{Now: func() time.Time { return now }}
	if g.noLock {
		cfg = booking.Unlocked(cfg)
	}
	w.store = booking.NewStore(w.db, cfg)
	w.tenant(acme, "America/Belize")
	w.exec(acme, `UPDATE tenants SET hours = $1, closed = '{}'`, map[string][]string{
		"monday": {"08:00-16:00"}, "tuesday": {"08:00-16:00"}, "wednesday": {"08:00-16:00"}, "thursday": {"08:00-16:00"}, "friday": {"08:00-16:00"},
		"saturday": {"08:00-16:00"}, "sunday": {"08:00-16:00"}})
	w.contact(acme, string(contactOf(acme, 0)))
	w.ana = w.staff(acme, booking.Staff{Name: "Ana"})
	w.clean = w.service(acme, booking.Service{Name: "Cleaning", Duration: 30 * time.Minute, Step: 15 * time.Minute, Horizon: 90})
	if g.noConstraint {
		w.withoutConstraint(url)
	}
	return w, count
}

func (w *world) withoutConstraint(url string) {
	w.t.Helper()
	owner, err := pgx.Connect(w.t.Context(), url)
	if err != nil {
		w.t.Fatal(err)
	}
	defer owner.Close(w.t.Context())
	if _, err := owner.Exec(w.t.Context(), `ALTER TABLE claims DROP CONSTRAINT claims_apart`); err != nil {
		w.t.Fatal(err)
	}
}

// oneSlot has bookers book one slot at once. It returns how many got it, and
// the errors that say something other than that it is taken.
func oneSlot(w *world, bookers int) (won int64, unexpected []error) {
	var wins atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range bookers {
		wg.Go(func() {
			<-start
			_, err := w.store.Book(w.t.Context(), acme, booking.Draft{
				Service: w.clean.ID, Contact: contactOf(acme, 0), Start: at("2026-11-24 10:00"), Key: fmt.Sprint(i, time.Now()),
			})
			switch {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, booking.ErrSlotTaken):
				mu.Lock()
				unexpected = append(unexpected, err)
				mu.Unlock()
			}
		})
	}
	close(start)
	wg.Wait()
	return wins.Load(), unexpected
}

func TestFiveHundredBookersOneSlot(t *testing.T) {
	w, count := newRush(t, guarded)
	began := time.Now()
	won, unexpected := oneSlot(w, 500)
	t.Logf("500 bookers: %d won, %d unexpected errors, %d deadlocks, %v", won, len(unexpected), count.n.Load(), time.Since(began).Round(time.Millisecond))
	if won != 1 || len(unexpected) > 0 || count.n.Load() > 0 {
		t.Errorf("%d won, %d deadlocks, errors %v; want one to win, none and none", won, count.n.Load(), unexpected)
	}
	if n := w.number(acme, `SELECT count(*) FROM appointments`); n != 1 {
		t.Errorf("%d appointments, want 1", n)
	}
}

func TestOneSlotNeedsTheConstraint(t *testing.T) {
	w, _ := newRush(t, guard{noConstraint: true})
	if won, _ := oneSlot(w, 500); won < 2 {
		t.Errorf("%d won without the constraint: the test of 500 bookers could not fail", won)
	}
}

func TestOneSlotNeedsTheLock(t *testing.T) {
	w, count := newRush(t, guard{noLock: true})
	for range 20 {
		won, _ := oneSlot(w, 64)
		if won > 1 {
			t.Fatalf("%d won: the constraint alone must hold", won)
		}
		if count.n.Load() > 0 {
			t.Logf("%d deadlocks without the lock", count.n.Load())
			return
		}
		w.exec(acme, `DELETE FROM appointments`)
	}
	t.Error("no deadlocks without the lock: the test of 500 bookers could not fail")
}

// A day of the rush has beginnings each quarter of an hour from 08:00, each of
// half an hour: quarters 0 to 30.
const quarters = 31

// asked is an operation on one day as the checker sees it.
type asked struct {
	day      int
	do       string // book, move, cancel, read
	from, to int    // quarters
}

// told is its answer.
type told struct {
	ok   bool
	free uint64 // quarters that are free, of a read
}

// calendarModel is what one chair is: a set of beginnings that are apart.
var calendarModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		days := map[int][]porcupine.Operation{}
		for _, op := range history {
			days[op.Input.(asked).day] = append(days[op.Input.(asked).day], op)
		}
		var out [][]porcupine.Operation
		for _, d := range days {
			out = append(out, d)
		}
		return out
	},
	Init: func() any { return uint64(0) },
	Step: func(state, input, output any) (bool, any) {
		booked, in, out := state.(uint64), input.(asked), output.(told)
		switch in.do {
		case "book":
			if !out.ok {
				return overlaps(booked, in.to), booked
			}
			return !overlaps(booked, in.to), booked | 1<<in.to
		case "cancel":
			return booked>>in.from&1 == 1, booked &^ (1 << in.from)
		case "move":
			rest := booked &^ (1 << in.from)
			if !out.ok {
				return overlaps(rest, in.to), booked
			}
			return booked>>in.from&1 == 1 && !overlaps(rest, in.to), rest | 1<<in.to
		}
		return out.free == freeOf(booked), booked
	},
}

// overlaps reports whether an appointment at quarter q would touch one booked.
func overlaps(booked uint64, q int) bool {
	near := uint64(0b111) << q >> 1
	return booked&near != 0
}

func freeOf(booked uint64) (free uint64) {
	for q := range quarters {
		if !overlaps(booked, q) {
			free |= 1 << q
		}
	}
	return free
}

func quarter(day, q int) time.Time {
	return at("2026-11-24 08:00").Add(time.Duration(day)*24*time.Hour + time.Duration(q)*15*time.Minute)
}

// worker books, moves, cancels and reads, and writes down what it was told.
type worker struct {
	w       *world
	id      int
	rng     *rand.Rand
	mine    []booking.Appointment
	began   time.Time
	history []porcupine.Operation
	faults  []error
}

func (k *worker) record(in asked, call func() (told, error)) {
	from := time.Since(k.began)
	out, err := call()
	if err != nil {
		k.faults = append(k.faults, err)
		return
	}
	k.history = append(k.history, porcupine.Operation{ClientId: k.id, Input: in, Output: out, Call: int64(from), Return: int64(time.Since(k.began))})
}

// step does one operation on a day.
func (k *worker) step(day int) {
	own := -1
	for i, a := range k.mine {
		if int(a.Slot.Start.Sub(quarter(0, 0))/(24*time.Hour)) == day {
			own = i
		}
	}
	to := k.rng.IntN(quarters)
	switch what := k.rng.IntN(10); {
	case what < 2:
		k.record(asked{day: day, do: "read"}, func() (told, error) { return k.read(day) })
	case what < 5 && own >= 0:
		k.record(asked{day: day, do: "move", from: k.at(own), to: to}, func() (told, error) { return k.move(own, quarter(day, to)) })
	case what < 6 && own >= 0:
		k.record(asked{day: day, do: "cancel", from: k.at(own)}, func() (told, error) { return k.cancel(own) })
	default:
		k.record(asked{day: day, do: "book", to: to}, func() (told, error) { return k.book(quarter(day, to)) })
	}
}

func (k *worker) at(i int) int {
	return int(k.mine[i].Slot.Start.Sub(quarter(0, 0)) % (24 * time.Hour) / (15 * time.Minute))
}

func (k *worker) read(day int) (told, error) {
	slots, err := k.w.store.Slots(k.w.t.Context(), acme, booking.SlotQuery{Service: k.w.clean.ID, From: quarter(day, 0), To: quarter(day, quarters)})
	out := told{ok: true}
	for _, s := range slots {
		out.free |= 1 << int(s.Start.Sub(quarter(day, 0))/(15*time.Minute))
	}
	return out, err
}

func (k *worker) book(start time.Time) (told, error) {
	a, err := k.w.store.Book(k.w.t.Context(), acme, booking.Draft{Service: k.w.clean.ID, Contact: contactOf(acme, 0), Start: start})
	if errors.Is(err, booking.ErrSlotTaken) {
		return told{}, nil
	}
	if err == nil {
		k.mine = append(k.mine, a)
	}
	return told{ok: true}, err
}

func (k *worker) move(i int, start time.Time) (told, error) {
	a, err := k.w.store.Move(k.w.t.Context(), acme, k.mine[i].ID, booking.Change{Start: start})
	if errors.Is(err, booking.ErrSlotTaken) {
		return told{}, nil
	}
	if err == nil {
		k.mine[i] = a
	}
	return told{ok: true}, err
}

func (k *worker) cancel(i int) (told, error) {
	_, err := k.w.store.Cancel(k.w.t.Context(), acme, k.mine[i].ID, "", "", "test")
	k.mine = append(k.mine[:i], k.mine[i+1:]...)
	return told{ok: true}, err
}

// sixtyDays has 64 workers go over 60 days of slots, together of them at a day
// at about the same time. More than eight make histories that no checker gets
// through.
func sixtyDays(w *world, together, rounds int) (history []porcupine.Operation, faults []error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for id := range 64 {
		wg.Go(func() {
			k := worker{w: w, id: id, rng: rand.New(rand.NewPCG(7, uint64(id))), began: began}
			for i := range rounds {
				day := (i + id/together*7) % 60
				k.step(day)
				k.step(day) // has something of one's own to move or cancel
			}
			mu.Lock()
			defer mu.Unlock()
			history, faults = append(history, k.history...), append(faults, k.faults...)
		})
	}
	wg.Wait()
	return history, faults
}

func TestSixtyDaysAreLinearizable(t *testing.T) {
	w, count := newRush(t, guarded)
	began := time.Now()
	history, faults := sixtyDays(w, 8, 30)
	took := time.Since(began)
	if len(faults) > 0 || count.n.Load() > 0 {
		t.Fatalf("%d deadlocks, %d unexpected errors, such as %v", count.n.Load(), len(faults), faults[:min(1, len(faults))])
	}
	result := porcupine.CheckOperationsTimeout(calendarModel, history, time.Minute)
	t.Logf("%d operations of 64 workers over 60 days in %v: %s", len(history), took.Round(time.Millisecond), result)
	if result != porcupine.Ok {
		t.Errorf("the history is %s, want it linearizable", result)
	}
}

func TestLinearizableNeedsTheConstraint(t *testing.T) {
	w, _ := newRush(t, guard{noConstraint: true})
	history, _ := sixtyDays(w, 8, 12)
	if result := porcupine.CheckOperationsTimeout(calendarModel, history, time.Minute); result != porcupine.Illegal {
		t.Errorf("the history without the constraint is %s: the test of 60 days could not fail", result)
	}
}

func TestLinearizableNeedsTheLock(t *testing.T) {
	w, count := newRush(t, guard{noLock: true})
	for range 40 {
		history, _ := sixtyDays(w, 64, 3)
		if count.n.Load() > 0 {
			t.Logf("%d deadlocks without the lock in %d operations", count.n.Load(), len(history))
			return
		}
		w.exec(acme, `DELETE FROM appointments`)
	}
	t.Error("no deadlocks without the lock: the test of 60 days could not fail")
}
