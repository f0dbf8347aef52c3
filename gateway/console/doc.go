// Package console serves the web pages: a landing page at /, and at /simulator
// a phone to write on as a customer, with what the agent saw beside it.
//
// The pages are static, load nothing from elsewhere, and run under a content
// security policy that allows no inline script. What they show comes from
// /simulator/api, which takes a test key as every API does; the page gets it in
// the URL's fragment and keeps it in the tab.
package console
