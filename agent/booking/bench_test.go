package booking_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

// busyCalendar is a house that is open from eight to eight, its people booked
// about half of the time for a month.
func busyCalendar(b *testing.B, people int) booking.Calendar {
	b.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	c := booking.Calendar{Now: now, Zone: zone, Hours: week("08:00-20:00"), Service: booking.Service{ID: "svc_1", Duration: 40 * time.Minute, BufferAfter: 5 * time.Minute}}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range people {
		who := booking.Performer{ID: ingest.StaffID(fmt.Sprintf("stf_%d", i))}
		for range 250 {
			from := now.Add(time.Duration(rng.IntN(31*24*4)) * 15 * time.Minute)
			who.Busy = append(who.Busy, booking.Interval{From: from, Until: from.Add(45 * time.Minute)})
		}
		c.Performers = append(c.Performers, who)
	}
	return c
}

func BenchmarkCompute(b *testing.B) {
	for _, people := range []int{1, 20} {
		b.Run(fmt.Sprintf("a month of %d", people), func(b *testing.B) {
			c := busyCalendar(b, people)
			b.ReportAllocs()
			for b.Loop() {
				booking.Compute(c, now, now.AddDate(0, 1, 0), 0)
			}
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	c := busyCalendar(b, 20)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = booking.Judge(c, now.Add(50*time.Hour))
	}
}
