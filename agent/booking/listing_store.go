package booking

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// Apply makes tenant's catalogue like l, in a transaction of the tenant that
// somebody else ends: by name, what is there is changed and what is not is
// created. What l does not name stays, but for the kinds to be pruned. Somebody
// whom only a service names is one of the staff, too. Its errors are
// *[UnknownNamesError], [ErrInvalid], and faults of the database.
func Apply(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, l Listing) ([]Outcome, error) {
	a := applying{tx: tx, tenant: tenant, staff: map[string]ingest.StaffID{}, resources: map[string]ingest.ResourceID{}, kinds: map[string]bool{}, services: map[string]bool{}}
	for _, step := range []func(context.Context, Listing) error{a.applyResources, a.applyStaff, a.applyNamed, a.applyServices} {
		if err := step(ctx, l); err != nil {
			return nil, err
		}
	}
	a.checkSpecialties(l)
	if len(a.unknown) > 0 {
		return nil, &UnknownNamesError{a.unknown}
	}
	order := []Kind{KindService, KindStaff, KindResource}
	slices.SortStableFunc(a.done, func(x, y Outcome) int { return slices.Index(order, x.Kind) - slices.Index(order, y.Kind) })
	return a.done, nil
}

// applying is one listing being applied. What is there is kept by lower-case
// name, as names are told apart.
type applying struct {
	tx        pgx.Tx
	tenant    ingest.TenantID
	staff     map[string]ingest.StaffID
	resources map[string]ingest.ResourceID
	kinds     map[string]bool // of resources
	services  map[string]bool
	unknown   []UnknownName
	done      []Outcome
}

func (a *applying) note(kind Kind, name string, done Done) {
	a.done = append(a.done, Outcome{kind, name, done})
}

// changes says what saving does to what was found at i, -1 for nothing.
func changes(i int, like func() bool) Done {
	switch {
	case i < 0:
		return WasCreated
	case like():
		return WasUnchanged
	}
	return WasChanged
}

func (a *applying) applyResources(ctx context.Context, l Listing) error {
	had, err := read(ctx, a.tx, scanResource, `SELECT `+resourceColumns+` FROM resources r WHERE r.tenant_id = $1 AND r.removed_at IS NULL ORDER BY r.number`, a.tenant)
	if err != nil {
		return fmt.Errorf("read resources: %w", err)
	}
	for _, v := range l.Resources {
		i := slices.IndexFunc(had, func(h Resource) bool { return strings.EqualFold(h.Name, v.Name) })
		done := changes(i, func() bool { return likeResource(had[i], v) })
		if i >= 0 {
			v.ID = had[i].ID
		}
		if done != WasUnchanged {
			if v.ID, err = saveResource(ctx, a.tx, a.tenant, v); err != nil {
				return fmt.Errorf("resource %q: %w", v.Name, err)
			}
		}
		if i >= 0 {
			had = slices.Delete(had, i, i+1)
		}
		a.resources[strings.ToLower(v.Name)], a.kinds[v.Kind] = v.ID, true
		a.note(KindResource, v.Name, done)
	}
	for _, h := range had {
		removed, err := a.prune(ctx, l, KindResource, "resources", string(h.ID), h.Name)
		if err != nil {
			return err
		}
		if !removed {
			a.resources[strings.ToLower(h.Name)], a.kinds[h.Kind] = h.ID, true
		}
	}
	return nil
}

func (a *applying) applyStaff(ctx context.Context, l Listing) error {
	had, err := read(ctx, a.tx, scanStaff, `SELECT `+staffColumns+` FROM staff s WHERE s.tenant_id = $1 AND s.removed_at IS NULL ORDER BY s.number`, a.tenant)
	if err != nil {
		return fmt.Errorf("read staff: %w", err)
	}
	for _, v := range l.Staff {
		i := slices.IndexFunc(had, func(h Staff) bool { return strings.EqualFold(h.Name, v.Name) })
		done := changes(i, func() bool { return likeStaff(had[i], v) })
		if i >= 0 {
			v.ID = had[i].ID
		}
		if done != WasUnchanged {
			if v.ID, err = saveStaff(ctx, a.tx, a.tenant, v); err != nil {
				return fmt.Errorf("staff %q: %w", v.Name, err)
			}
		}
		if i >= 0 {
			had = slices.Delete(had, i, i+1)
		}
		a.staff[strings.ToLower(v.Name)] = v.ID
		a.note(KindStaff, v.Name, done)
	}
	for _, h := range had {
		if !l.names(h.Name) {
			removed, err := a.prune(ctx, l, KindStaff, "staff", string(h.ID), h.Name)
			if err != nil {
				return err
			}
			if removed {
				continue
			}
		}
		a.staff[strings.ToLower(h.Name)] = h.ID
	}
	return nil
}

// names reports whether a service of l names somebody.
func (l Listing) names(name string) bool {
	return slices.ContainsFunc(l.Services, func(v ListedService) bool {
		return slices.ContainsFunc(v.StaffNames, func(n string) bool { return strings.EqualFold(n, name) })
	})
}

// applyNamed makes those of the staff whom only services name.
func (a *applying) applyNamed(ctx context.Context, l Listing) error {
	for _, listed := range l.Services {
		for _, name := range listed.StaffNames {
			if a.noted(name) {
				continue
			}
			key, done := strings.ToLower(name), WasUnchanged
			if a.staff[key] == "" {
				id, err := saveStaff(ctx, a.tx, a.tenant, Staff{Name: name})
				if err != nil {
					return fmt.Errorf("staff %q: %w", name, err)
				}
				a.staff[key], done = id, WasCreated
			}
			a.note(KindStaff, name, done)
		}
	}
	return nil
}

// noted reports whether it has been told what was done to somebody.
func (a *applying) noted(name string) bool {
	return slices.ContainsFunc(a.done, func(o Outcome) bool { return o.Kind == KindStaff && strings.EqualFold(o.Name, name) })
}

func (a *applying) applyServices(ctx context.Context, l Listing) error {
	had, err := read(ctx, a.tx, func(row pgx.CollectableRow) (Service, error) { return scanService(row) },
		`SELECT `+serviceColumns+` FROM services v WHERE v.tenant_id = $1 AND v.removed_at IS NULL ORDER BY v.number`, a.tenant)
	if err != nil {
		return fmt.Errorf("read services: %w", err)
	}
	for n, listed := range l.Services {
		v := a.resolve(n, listed)
		i := slices.IndexFunc(had, func(h Service) bool { return strings.EqualFold(h.Name, v.Name) })
		done := changes(i, func() bool { return likeService(had[i], v) })
		if i >= 0 {
			v.ID = had[i].ID
		}
		if done != WasUnchanged {
			if _, err = saveService(ctx, a.tx, a.tenant, v); err != nil {
				return fmt.Errorf("service %q: %w", v.Name, err)
			}
		}
		if i >= 0 {
			had = slices.Delete(had, i, i+1)
		}
		a.services[strings.ToLower(v.Name)] = true
		a.note(KindService, v.Name, done)
	}
	for _, h := range had {
		removed, err := a.prune(ctx, l, KindService, "services", string(h.ID), h.Name)
		if err != nil {
			return err
		}
		if !removed {
			a.services[strings.ToLower(h.Name)] = true
		}
	}
	return nil
}

// resolve gives a listed service the ids of what it names.
func (a *applying) resolve(n int, listed ListedService) Service {
	v := listed.Service
	v.Staff, v.Resources = nil, nil
	for _, name := range listed.StaffNames {
		v.Staff = append(v.Staff, a.staff[strings.ToLower(name)])
	}
	for i, name := range listed.ResourceNames {
		id, ok := a.resources[strings.ToLower(name)]
		if !ok {
			a.unknown = append(a.unknown, UnknownName{KindService, n, "resources", i})
			continue
		}
		v.Resources = append(v.Resources, id)
	}
	for i, kind := range v.Needs {
		if !a.kinds[kind] {
			a.unknown = append(a.unknown, UnknownName{KindService, n, "needs", i})
		}
	}
	return v
}

// checkSpecialties comes last: services and staff name each other.
func (a *applying) checkSpecialties(l Listing) {
	for n, v := range l.Staff {
		for i, name := range v.Specialties {
			if !a.services[strings.ToLower(name)] {
				a.unknown = append(a.unknown, UnknownName{KindStaff, n, "specialties", i})
			}
		}
	}
}

// prune removes what the listing does not name, where its kind is pruned.
func (a *applying) prune(ctx context.Context, l Listing, kind Kind, table, id, name string) (bool, error) {
	if !slices.Contains(l.Prune, kind) {
		return false, nil
	}
	if _, err := a.tx.Exec(ctx, `UPDATE `+table+` SET removed_at = now() WHERE tenant_id = $1 AND id = $2`, a.tenant, id); err != nil {
		return false, fmt.Errorf("remove %s %q: %w", kind, name, err)
	}
	a.note(kind, name, WasRemoved)
	return true, nil
}

func read[T any](ctx context.Context, tx pgx.Tx, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
