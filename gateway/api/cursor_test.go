package api

import (
	"bytes"
	"testing"

	"frontdesk/gateway/tenant"
)

func FuzzCursor(f *testing.F) {
	vault, err := tenant.NewVault(bytes.Repeat([]byte{1}, tenant.MasterKeyBytes))
	if err != nil {
		f.Fatal(err)
	}
	c := cursors{vault}
	good := c.seal("tnt_1", "listMessages", "msg_1")
	if after, ok := c.open("tnt_1", "listMessages", good); !ok || after != "msg_1" {
		f.Fatalf("open() = %q, %v", after, ok)
	}
	f.Add(good)
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, cursor string) {
		if after, ok := c.open("tnt_1", "listMessages", cursor); ok && c.seal("tnt_1", "listMessages", after) != cursor {
			t.Errorf("a cursor that was never given is taken: %q", cursor)
		}
	})
}
