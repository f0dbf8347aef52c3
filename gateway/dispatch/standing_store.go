package dispatch

import (
	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
)

// QueueAllowed asks whether contacts allow what is asked, as [Standings.Standings]
// does, as part of a batch that runs as the tenant. The answers, in the order of
// the questions, are there when its results have been read.
func (s *Standings) QueueAllowed(b *pgx.Batch, tenant ingest.TenantID, questions []Question) func() []bool {
	asked, at := consents(questions)
	if len(asked) == 0 {
		return func() []bool { return answersTo(questions, at, nil) }
	}
	answers := contact.QueueAllowed(b, tenant, asked)
	return func() []bool { return answersTo(questions, at, *answers) }
}
