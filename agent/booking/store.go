package booking

import (
	"context"
	"errors"
	"time"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Config says how a store works.
type Config struct {
	// Now is the time that notice, horizon, holds and reminders go by; nil
	// means the database's clock, which all replicas share.
	Now func() time.Time
	// Wake is called after each transaction that wrote to the outbox; nil
	// leaves that to the relay's poll.
	Wake func()
}

// Store keeps the catalogue, holds and appointments. It is safe for concurrent
// use.
type Store struct {
	db  *tenantdb.DB
	cfg Config
}

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB, cfg Config) *Store {
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	return &Store{db: db, cfg: cfg}
}

var errUnready = errors.New("booking: not ready")

// Services returns the tenant's services, by name. Those removed are not among them.
func (s *Store) Services(ctx context.Context, tenant ingest.TenantID) ([]Service, error) {
	return nil, errUnready
}

// Service returns a service or ErrNotFound. One that was removed is found.
func (s *Store) Service(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) (Service, error) {
	return Service{}, errUnready
}

// SaveService makes the service with v's ID, or else of its name, like v, or
// creates it, and returns it as stored.
func (s *Store) SaveService(ctx context.Context, tenant ingest.TenantID, v Service) (Service, error) {
	return Service{}, errUnready
}

// RemoveService takes a service out of the catalogue. Its appointments stay.
func (s *Store) RemoveService(ctx context.Context, tenant ingest.TenantID, id ingest.ServiceID) error {
	return errUnready
}

// Staff returns the tenant's staff, by name.
func (s *Store) Staff(ctx context.Context, tenant ingest.TenantID) ([]Staff, error) {
	return nil, errUnready
}

// StaffMember returns a member of the staff or ErrNotFound.
func (s *Store) StaffMember(ctx context.Context, tenant ingest.TenantID, id ingest.StaffID) (Staff, error) {
	return Staff{}, errUnready
}

// SaveStaff is SaveService for staff.
func (s *Store) SaveStaff(ctx context.Context, tenant ingest.TenantID, v Staff) (Staff, error) {
	return Staff{}, errUnready
}

// RemoveStaff takes somebody out of the catalogue. Their appointments stay.
func (s *Store) RemoveStaff(ctx context.Context, tenant ingest.TenantID, id ingest.StaffID) error {
	return errUnready
}

// Resources returns the tenant's resources, by name.
func (s *Store) Resources(ctx context.Context, tenant ingest.TenantID) ([]Resource, error) {
	return nil, errUnready
}

// Resource returns a resource or ErrNotFound.
func (s *Store) Resource(ctx context.Context, tenant ingest.TenantID, id ingest.ResourceID) (Resource, error) {
	return Resource{}, errUnready
}

// SaveResource is SaveService for resources.
func (s *Store) SaveResource(ctx context.Context, tenant ingest.TenantID, v Resource) (Resource, error) {
	return Resource{}, errUnready
}

// RemoveResource takes a resource out of the catalogue.
func (s *Store) RemoveResource(ctx context.Context, tenant ingest.TenantID, id ingest.ResourceID) error {
	return errUnready
}

// Slots returns what is free, sorted by start, then staff.
func (s *Store) Slots(ctx context.Context, tenant ingest.TenantID, q SlotQuery) ([]Slot, error) {
	return nil, errUnready
}

// Nearest returns the n slots nearest to around, sorted by start, one a start.
func (s *Store) Nearest(ctx context.Context, tenant ingest.TenantID, q SlotQuery, around time.Time, n int) ([]Slot, error) {
	return nil, errUnready
}

// Hold keeps a slot for a moment.
func (s *Store) Hold(ctx context.Context, tenant ingest.TenantID, d HoldDraft) (Hold, error) {
	return Hold{}, errUnready
}

// Release ends a hold. One that is over already is nil too.
func (s *Store) Release(ctx context.Context, tenant ingest.TenantID, id ingest.HoldID) error {
	return errUnready
}

// Book makes an appointment.
func (s *Store) Book(ctx context.Context, tenant ingest.TenantID, d Draft) (Appointment, error) {
	return Appointment{}, errUnready
}

// Move changes an appointment's time, staff or service.
func (s *Store) Move(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, c Change) (Appointment, error) {
	return Appointment{}, errUnready
}

// Cancel cancels an appointment. One that is cancelled already is returned as it is.
func (s *Store) Cancel(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, reason, key, by string) (Appointment, error) {
	return Appointment{}, errUnready
}

// SetStatus says what became of an appointment.
func (s *Store) SetStatus(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, status Status, by string) (Appointment, error) {
	return Appointment{}, errUnready
}

// Confirm notes that the contact will come.
func (s *Store) Confirm(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, by string) (Appointment, error) {
	return Appointment{}, errUnready
}

// Appointment returns an appointment or ErrNotFound.
func (s *Store) Appointment(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) (Appointment, error) {
	return Appointment{}, errUnready
}

// Appointments returns what f asks for, by start, and the cursor of the next page, empty on the last.
func (s *Store) Appointments(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Appointment, string, error) {
	return nil, "", errUnready
}

// History returns what happened to an appointment, oldest first.
func (s *Store) History(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) ([]Event, error) {
	return nil, errUnready
}
