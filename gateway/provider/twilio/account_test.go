package twilio

import "testing"

func FuzzReadAccount(f *testing.F) {
	f.Add([]byte(`{"sid":"AC","status":"active"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if status, err := readAccount(body); err == nil && status == "" {
			t.Error("an account without a status")
		}
	})
}
