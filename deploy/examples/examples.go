// Package examples holds businesses to start from.
package examples

import _ "embed"

// CasaMaya is the demo business, a dental clinic, as a file for frontdesk apply.
//
//go:embed casa-maya.yaml
var CasaMaya []byte
