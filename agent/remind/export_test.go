package remind

// HoldKey is the key of the request by which a slot is held for who waits.
var HoldKey = holdKey
