package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/agent/booking"
	"frontdesk/ingest"
)

func TestSaveService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	full := booking.Service{
		Name: "Implant", Description: "With a crown.", Duration: 90 * time.Minute, BufferBefore: 5 * time.Minute, BufferAfter: 20 * time.Minute, Notice: 48 * time.Hour,
		Horizon: 120, Step: 15 * time.Minute, Price: "900.00 BZD", PerDay: 2, Staff: []ingest.StaffID{w.ana.ID}, Resources: []ingest.ResourceID{w.chair.ID},
		Needs: []string{"xray"}, Reminders: []booking.Reminder{{Before: 24 * time.Hour, Text: "Tomorrow."}}, Paused: true,
	}
	saved := w.service(acme, full)
	want := full
	want.ID, want.Number, want.CreatedAt, want.UpdatedAt = saved.ID, saved.Number, saved.CreatedAt, saved.UpdatedAt
	if d := cmp.Diff(want, saved); d != "" || saved.Number == 0 {
		t.Error(d)
	}
	if again := w.service(acme, full); again.ID != saved.ID {
		t.Error("saved by its name it became another")
	}
	saved.Name, saved.Needs, saved.Staff = "Implants", nil, nil
	if got := w.service(acme, saved); got.ID != saved.ID || got.Name != "Implants" || len(got.Needs)+len(got.Staff) > 0 {
		t.Errorf("changed to %+v", got)
	}
	for name, tt := range map[string]struct {
		tenant ingest.TenantID
		change func(*booking.Service)
		want   error
	}{
		"a name that another has":   {acme, func(v *booking.Service) { v.Name = "CLEANING" }, booking.ErrNameTaken},
		"another tenant's":          {globex, func(*booking.Service) {}, booking.ErrNotFound},
		"staff of another tenant":   {acme, func(v *booking.Service) { v.Staff = []ingest.StaffID{w.globexStaff.ID} }, booking.ErrNotFound},
		"no such resource":          {acme, func(v *booking.Service) { v.Resources = []ingest.ResourceID{"res_none"} }, booking.ErrNotFound},
		"no name":                   {acme, func(v *booking.Service) { v.Name = " " }, booking.ErrInvalid},
		"no duration":               {acme, func(v *booking.Service) { v.Duration = 0 }, booking.ErrInvalid},
		"seconds":                   {acme, func(v *booking.Service) { v.BufferAfter = time.Second }, booking.ErrInvalid},
		"a price without its money": {acme, func(v *booking.Service) { v.Price = "12" }, booking.ErrInvalid},
		"two reminders at a time":   {acme, func(v *booking.Service) { v.Reminders = []booking.Reminder{{Before: hour}, {Before: hour}} }, booking.ErrInvalid},
		"nobody, by name":           {acme, func(v *booking.Service) { v.Unstaffed, v.Staff = true, []ingest.StaffID{w.ana.ID} }, booking.ErrInvalid},
	} {
		v := saved
		tt.change(&v)
		if _, err := w.store.SaveService(t.Context(), tt.tenant, v); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if got, err := w.store.Service(t.Context(), acme, saved.ID); err != nil || got.Name != "Implants" {
		t.Errorf("a refused change was kept: %+v, %v", got, err)
	}
}

func TestSaveStaffAndResources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	span := booking.Span{From: 13 * time.Hour, Until: 15 * time.Hour}
	rosa := w.staff(acme, booking.Staff{Name: "Rosa", Specialties: []string{"Cleaning"}, Hours: week("09:00-12:00"), PerDay: 4, Off: []booking.Off{{From: "2026-12-01", Until: "2026-12-03", Span: &span, Reason: "School"}}})
	if got, err := w.store.StaffMember(t.Context(), acme, rosa.ID); err != nil || !cmp.Equal(got, rosa) || got.Off[0].Reason != "School" || got.PerDay != 4 {
		t.Errorf("stored %+v, %v", got, err)
	}
	rosa.Name = "ana"
	if _, err := w.store.SaveStaff(t.Context(), acme, rosa); !errors.Is(err, booking.ErrNameTaken) {
		t.Errorf("a name that another has: %v", err)
	}
	rosa.Name, rosa.Off = "Rosa", []booking.Off{{From: "2027-02-29"}}
	if _, err := w.store.SaveStaff(t.Context(), acme, rosa); !errors.Is(err, booking.ErrInvalid) {
		t.Errorf("off on 29 February of a common year: %v", err)
	}
	w.chair.Name = "X-RAY"
	if _, err := w.store.SaveResource(t.Context(), acme, w.chair); !errors.Is(err, booking.ErrNameTaken) {
		t.Errorf("a resource's name that another has: %v", err)
	}
	w.chair.Name, w.chair.Kind = "Chair", " "
	if _, err := w.store.SaveResource(t.Context(), acme, w.chair); !errors.Is(err, booking.ErrInvalid) {
		t.Errorf("a kind that is blank: %v", err)
	}
	if _, err := w.store.SaveResource(t.Context(), globex, w.xray); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("another tenant's resource: %v", err)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.book(booking.Draft{Service: w.clean.ID, Start: at("2026-11-24 10:00")})
	for name, remove := range map[string]func(ingest.TenantID) error{
		"service":  func(tenant ingest.TenantID) error { return w.store.RemoveService(t.Context(), tenant, w.clean.ID) },
		"staff":    func(tenant ingest.TenantID) error { return w.store.RemoveStaff(t.Context(), tenant, w.ana.ID) },
		"resource": func(tenant ingest.TenantID) error { return w.store.RemoveResource(t.Context(), tenant, w.xray.ID) },
	} {
		for _, step := range []struct {
			tenant ingest.TenantID
			want   error
		}{{globex, booking.ErrNotFound}, {acme, nil}, {acme, booking.ErrNotFound}} {
			if err := remove(step.tenant); !errors.Is(err, step.want) {
				t.Errorf("%s of %s: %v, want %v", name, step.tenant, err, step.want)
			}
		}
	}
	if got, err := w.store.Appointment(t.Context(), acme, a.ID); err != nil || got.Status != booking.Scheduled {
		t.Errorf("the appointment did not stay: %+v, %v", got, err)
	}
	if _, err := w.store.Service(t.Context(), acme, w.clean.ID); err != nil {
		t.Errorf("its service cannot be read: %v", err)
	}
	for name, d := range map[string]booking.Draft{
		"a service that was removed":                   {Service: w.clean.ID, Start: at("2026-11-24 11:00")},
		"somebody who was removed":                     {Service: w.fill.ID, Staff: w.ana.ID, Start: at("2026-11-24 14:00")},
		"a service whose only kind of room is no more": {Service: w.pano.ID, Start: at("2026-11-24 11:00")},
	} {
		d.Contact = contactOf(acme, 1)
		if _, err := w.store.Book(t.Context(), acme, d); !errors.Is(err, booking.ErrNotOffered) && !errors.Is(err, booking.ErrSlotTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	all, err := w.store.Staff(t.Context(), acme)
	if err != nil || len(all) != 1 {
		t.Errorf("the staff is %+v, %v", all, err)
	}
	if got := w.staff(acme, booking.Staff{Name: "Ana"}); got.ID == w.ana.ID {
		t.Error("the name of somebody who was removed brought her back")
	}
}
