package roles

import (
	"frontdesk/gateway/api"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/reference"
)

// described is what tells of the routes of /v1: their document and the page
// made of it.
func (h *House) described(routes []api.Route) ([]edge.Route, error) {
	document, err := api.Document(routes)
	if err != nil {
		return nil, err
	}
	page, err := reference.Routes(document, h.Config.PublicURL)
	return append(page, api.DocumentRoute(document)), err
}
