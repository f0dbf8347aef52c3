package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/metrics"
	"slices"
	"syscall"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// What a busy house has, and how long its slots may take.
const (
	slotStaff    = 20
	slotServices = 10
	slotBookings = 5000
	maxSlotsP99  = 20 * time.Millisecond
)

// runSlots measures how long the slots of a month take in a busy house.
func runSlots(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("slots", flag.ContinueOnError)
	server := flags.String("postgres", "postgres://postgres@127.0.0.1:5432/postgres", "server with pgvector, as a user that may create databases")
	asks := flags.Int("asks", 1000, "how often the slots are asked for, a service after the other")
	if err := flags.Parse(args); err != nil {
		return err
	}
	db, drop, err := scratchDatabase(ctx, *server, "slots")
	if err != nil {
		return err
	}
	defer drop()
	store := booking.NewStore(db, booking.Config{})
	services, err := busyHouse(ctx, db, store)
	if err != nil {
		return err
	}
	if err := settle(ctx, *server, db); err != nil {
		return err
	}
	return askSlots(ctx, db, store, services, *asks)
}

// askSlots asks for a month from now on, each time beside an empty round trip,
// and tells the quantiles and what an answer costs.
func askSlots(ctx context.Context, db *tenantdb.DB, store *booking.Store, services []booking.Service, asks int) error {
	var trips, took []time.Duration
	slots := 0
	work, err := newCost(ctx, db)
	if err != nil {
		return err
	}
	for i := range asks {
		begun := time.Now()
		if err := roundTrip(ctx, db); err != nil {
			return err
		}
		trips = append(trips, time.Since(begun))
		work.begin()
		from := time.Now()
		got, err := store.Slots(ctx, measured, booking.SlotQuery{Service: services[i%len(services)].ID, From: from, To: from.AddDate(0, 1, 0)})
		if err != nil {
			return err
		}
		took = append(took, time.Since(from))
		work.end()
		slots += len(got)
	}
	trip50, trip99 := quantiles(trips)
	p50, p99 := quantiles(took)
	fmt.Printf("slots of a month, %d staff, %d services, %d appointments: p50 %s, p99 %s, %d slots an answer\n",
		slotStaff, slotServices, slotBookings, p50.Round(10*time.Microsecond), p99.Round(10*time.Microsecond), slots/len(took))
	fmt.Printf("a round trip with nothing in it, in turns with them: p50 %s, p99 %s\n", trip50.Round(10*time.Microsecond), trip99.Round(10*time.Microsecond))
	fmt.Printf("an answer costs %s\n", work.each(asks))
	switch {
	case slots == 0:
		return errors.New("no slot was found, so nothing was measured")
	case p99 > maxSlotsP99:
		return fmt.Errorf("missed: p99 %s (at most %s)", p99, maxSlotsP99)
	}
	return nil
}

// quantiles returns the median and the 99th percentile.
func quantiles(took []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

// cost sums processor time and memory over parts of a run.
type cost struct {
	servers      []int // processes of the database, if they run here
	own, server  time.Duration
	bytes        uint64
	ownAt, serAt time.Duration
	bytesAt      uint64
}

func newCost(ctx context.Context, db *tenantdb.DB) (*cost, error) {
	pids, err := serverProcesses(ctx, db)
	return &cost{servers: pids}, err
}

func (c *cost) begin() { c.ownAt, c.serAt, c.bytesAt = ownTime(), c.serverTime(), allocated() }

func (c *cost) end() {
	c.own += ownTime() - c.ownAt
	c.server += c.serverTime() - c.serAt
	c.bytes += allocated() - c.bytesAt
}

func (c *cost) each(n int) string {
	text := fmt.Sprintf("%s of this processor and %d KB of memory", (c.own / time.Duration(n)).Round(10*time.Microsecond), c.bytes/uint64(n)/1024)
	if c.server > 0 {
		text += fmt.Sprintf(", %s of the database's", (c.server / time.Duration(n)).Round(10*time.Microsecond))
	}
	return text
}

// serverTime is what the database's processes have run for.
func (c *cost) serverTime() (sum time.Duration) {
	for _, pid := range c.servers {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			return 0 // it runs elsewhere
		}
		var ns int64
		if _, err := fmt.Sscan(string(raw), &ns); err == nil {
			sum += time.Duration(ns)
		}
	}
	return sum
}

func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// fillHouse books every seventh free slot of the services in turns, until there
// are enough.
func fillHouse(ctx context.Context, store *booking.Store, services []booking.Service) error {
	for booked, round := 0, 0; booked < slotBookings; round++ {
		if round > 20*len(services) {
			return fmt.Errorf("only %d appointments found room", booked)
		}
		from := time.Now().Add(time.Hour)
		s := services[round%len(services)]
		free, err := store.Slots(ctx, measured, booking.SlotQuery{Service: s.ID, From: from, To: from.AddDate(0, 1, 0)})
		if err != nil {
			return err
		}
		for i := round % 7; i < len(free) && booked < slotBookings; i += 7 {
			contact := ingest.ContactID(fmt.Sprintf("con_%d", booked))
			_, err := store.Book(ctx, measured, booking.Draft{Service: s.ID, Staff: free[i].Staff, Start: free[i].Start, Contact: contact})
			if errors.Is(err, booking.ErrSlotTaken) {
				continue // overlaps one of this round
			}
			if err != nil {
				return err
			}
			booked++
		}
	}
	return nil
}
