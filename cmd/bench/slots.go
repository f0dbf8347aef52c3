package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
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
	return askSlots(ctx, store, services, *asks)
}

// askSlots asks for a month from now on, and tells the quantiles.
func askSlots(ctx context.Context, store *booking.Store, services []booking.Service, asks int) error {
	var took []time.Duration
	slots := 0
	for i := range asks {
		from := time.Now()
		got, err := store.Slots(ctx, measured, booking.SlotQuery{Service: services[i%len(services)].ID, From: from, To: from.AddDate(0, 1, 0)})
		if err != nil {
			return err
		}
		took = append(took, time.Since(from))
		slots += len(got)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	fmt.Printf("slots of a month, %d staff, %d services, %d appointments: p50 %s, p99 %s, %d slots an answer\n",
		slotStaff, slotServices, slotBookings, took[len(took)/2].Round(10*time.Microsecond), p99.Round(10*time.Microsecond), slots/len(took))
	switch {
	case slots == 0:
		return errors.New("no slot was found, so nothing was measured")
	case p99 > maxSlotsP99:
		return fmt.Errorf("missed: p99 %s (at most %s)", p99, maxSlotsP99)
	}
	return nil
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
