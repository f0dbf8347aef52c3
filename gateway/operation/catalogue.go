package operation

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// Services lists what can be booked, by number. Those that are not offered for
// now are among them.
func (o *Operations) Services(ctx context.Context, caller tenant.Caller) ([]booking.Service, error) {
	all, err := o.p.Bookings.Services(ctx, caller.Tenant)
	slices.SortFunc(all, func(a, b booking.Service) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}

// Service returns a service.
func (o *Operations) Service(ctx context.Context, caller tenant.Caller, id ingest.ServiceID) (booking.Service, error) {
	return o.p.Bookings.Service(ctx, caller.Tenant, id)
}

// ServiceNumbered returns the service of a number.
func (o *Operations) ServiceNumbered(ctx context.Context, caller tenant.Caller, number int64) (booking.Service, error) {
	all, err := o.p.Bookings.Services(ctx, caller.Tenant)
	return one(all, err, func(s booking.Service) bool { return s.Number == number })
}

// CreateService makes a service. A name that is taken is a conflict.
func (o *Operations) CreateService(ctx context.Context, caller tenant.Caller, v booking.Service) (booking.Service, error) {
	all, err := o.p.Bookings.Services(ctx, caller.Tenant)
	if err != nil {
		return booking.Service{}, err
	}
	if slices.ContainsFunc(all, func(s booking.Service) bool { return s.Name == v.Name }) {
		return booking.Service{}, &ConflictError{"service_exists", "the business has a service of this name"}
	}
	v.ID = ""
	return o.saveService(ctx, caller, v)
}

// UpdateService changes a service as change says.
func (o *Operations) UpdateService(ctx context.Context, caller tenant.Caller, id ingest.ServiceID, change func(*booking.Service) error) (booking.Service, error) {
	v, err := o.p.Bookings.Service(ctx, caller.Tenant, id)
	if err != nil {
		return booking.Service{}, err
	}
	if err := change(&v); err != nil {
		return booking.Service{}, err
	}
	return o.saveService(ctx, caller, v)
}

// saveService stores v once all that it names is found to be the tenant's.
func (o *Operations) saveService(ctx context.Context, caller tenant.Caller, v booking.Service) (booking.Service, error) {
	for _, id := range v.Staff {
		if _, err := o.p.Bookings.StaffMember(ctx, caller.Tenant, id); err != nil {
			return booking.Service{}, err
		}
	}
	for _, id := range v.Resources {
		if _, err := o.p.Bookings.Resource(ctx, caller.Tenant, id); err != nil {
			return booking.Service{}, err
		}
	}
	return o.p.Bookings.SaveService(ctx, caller.Tenant, v)
}

// RemoveService takes a service out of the catalogue; its appointments stay.
func (o *Operations) RemoveService(ctx context.Context, caller tenant.Caller, id ingest.ServiceID) error {
	return o.p.Bookings.RemoveService(ctx, caller.Tenant, id)
}

// Staff lists who performs services, by number.
func (o *Operations) Staff(ctx context.Context, caller tenant.Caller) ([]booking.Staff, error) {
	all, err := o.p.Bookings.Staff(ctx, caller.Tenant)
	slices.SortFunc(all, func(a, b booking.Staff) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}

// StaffMember returns a member of the staff.
func (o *Operations) StaffMember(ctx context.Context, caller tenant.Caller, id ingest.StaffID) (booking.Staff, error) {
	return o.p.Bookings.StaffMember(ctx, caller.Tenant, id)
}

// StaffNumbered returns the member of the staff of a number.
func (o *Operations) StaffNumbered(ctx context.Context, caller tenant.Caller, number int64) (booking.Staff, error) {
	all, err := o.p.Bookings.Staff(ctx, caller.Tenant)
	return one(all, err, func(s booking.Staff) bool { return s.Number == number })
}

// Performers lists who performs a service now.
func (o *Operations) Performers(ctx context.Context, caller tenant.Caller, id ingest.ServiceID) ([]booking.Staff, error) {
	return o.p.Bookings.Performers(ctx, caller.Tenant, id)
}

// CreateStaff adds somebody to the staff. A name that is taken is a conflict.
func (o *Operations) CreateStaff(ctx context.Context, caller tenant.Caller, v booking.Staff) (booking.Staff, error) {
	all, err := o.p.Bookings.Staff(ctx, caller.Tenant)
	if err != nil {
		return booking.Staff{}, err
	}
	if slices.ContainsFunc(all, func(s booking.Staff) bool { return s.Name == v.Name }) {
		return booking.Staff{}, &ConflictError{"staff_exists", "the business has a member of the staff of this name"}
	}
	v.ID = ""
	return o.p.Bookings.SaveStaff(ctx, caller.Tenant, v)
}

// UpdateStaff changes a member of the staff as change says.
func (o *Operations) UpdateStaff(ctx context.Context, caller tenant.Caller, id ingest.StaffID, change func(*booking.Staff) error) (booking.Staff, error) {
	v, err := o.p.Bookings.StaffMember(ctx, caller.Tenant, id)
	if err != nil {
		return booking.Staff{}, err
	}
	if err := change(&v); err != nil {
		return booking.Staff{}, err
	}
	return o.p.Bookings.SaveStaff(ctx, caller.Tenant, v)
}

// RemoveStaff takes somebody off the staff; their appointments stay.
func (o *Operations) RemoveStaff(ctx context.Context, caller tenant.Caller, id ingest.StaffID) error {
	return o.p.Bookings.RemoveStaff(ctx, caller.Tenant, id)
}

// Resources lists rooms and equipment, by number.
func (o *Operations) Resources(ctx context.Context, caller tenant.Caller) ([]booking.Resource, error) {
	all, err := o.p.Bookings.Resources(ctx, caller.Tenant)
	slices.SortFunc(all, func(a, b booking.Resource) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}

// Resource returns a room or a piece of equipment.
func (o *Operations) Resource(ctx context.Context, caller tenant.Caller, id ingest.ResourceID) (booking.Resource, error) {
	return o.p.Bookings.Resource(ctx, caller.Tenant, id)
}

// CreateResource adds a resource. A name that is taken is a conflict.
func (o *Operations) CreateResource(ctx context.Context, caller tenant.Caller, v booking.Resource) (booking.Resource, error) {
	all, err := o.p.Bookings.Resources(ctx, caller.Tenant)
	if err != nil {
		return booking.Resource{}, err
	}
	if slices.ContainsFunc(all, func(r booking.Resource) bool { return r.Name == v.Name }) {
		return booking.Resource{}, &ConflictError{"resource_exists", "the business has a resource of this name"}
	}
	v.ID = ""
	return o.p.Bookings.SaveResource(ctx, caller.Tenant, v)
}

// UpdateResource changes a resource as change says.
func (o *Operations) UpdateResource(ctx context.Context, caller tenant.Caller, id ingest.ResourceID, change func(*booking.Resource) error) (booking.Resource, error) {
	v, err := o.p.Bookings.Resource(ctx, caller.Tenant, id)
	if err != nil {
		return booking.Resource{}, err
	}
	if err := change(&v); err != nil {
		return booking.Resource{}, err
	}
	return o.p.Bookings.SaveResource(ctx, caller.Tenant, v)
}

// RemoveResource takes a resource out of the catalogue.
func (o *Operations) RemoveResource(ctx context.Context, caller tenant.Caller, id ingest.ResourceID) error {
	return o.p.Bookings.RemoveResource(ctx, caller.Tenant, id)
}

// one returns the one of all that is wanted, or ErrNotFound.
func one[T any](all []T, err error, wanted func(T) bool) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if i := slices.IndexFunc(all, wanted); i >= 0 {
		return all[i], nil
	}
	return none, ErrNotFound
}

// absent reports whether err says that the tenant does not have something.
func absent(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, booking.ErrNotFound) || errors.Is(err, contact.ErrNotFound)
}
