package callback

import "frontdesk/gateway/tenant"

// The directory that runs in production is one that callbacks can ask.
var _ directory = (*tenant.Directory)(nil)
