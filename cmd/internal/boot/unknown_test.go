package boot

import (
	"slices"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	environ := []string{
		"PATH=/bin", "FRONTDESK_LISTEN=:1", "FRONTDESK_LISTN=:2", "FRONTDESK_LISTEN_FILE=/x", "FRONTDESK_MASTER_KEY_FILE=/k",
		"FRONTDESK_TEST_REQUIRE=1", "FRONTDESK_EMPTY=", "FRONTDESK_ALSO=1",
	}
	want := []string{"FRONTDESK_ALSO", "FRONTDESK_LISTEN_FILE", "FRONTDESK_LISTN"}
	if got := unknown(environ); !slices.Equal(got, want) {
		t.Errorf("unknown = %q, want %q", got, want)
	}
}
