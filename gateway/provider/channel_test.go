package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"frontdesk/gateway/provider"
)

func TestSecretNeverShows(t *testing.T) {
	const value = "EAAG-very-secret"
	ch := provider.Channel{AccessToken: value, AppSecret: value, VerifyToken: value, AuthToken: value}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "channel", ch, "secret", ch.AuthToken)
	asJSON, err := json.Marshal(ch)
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]string{
		"%v": fmt.Sprintf("%v", ch), "%+v": fmt.Sprintf("%+v", ch), "%#v": fmt.Sprintf("%#v", ch),
		"String": ch.AuthToken.String(), "%s": fmt.Sprintf("<%s>", ch.AuthToken), "%q": fmt.Sprintf("%q", ch.AuthToken),
		"slog": logged.String(), "json": string(asJSON),
	} {
		if strings.Contains(shown, value) {
			t.Errorf("%s shows the secret: %s", name, shown)
		}
	}
}

func TestSendErrorShowsNothingSaid(t *testing.T) {
	e := &provider.SendError{Reason: provider.Rejected, Code: "21211", Err: errors.New("answered 400")}
	e.Said.Title = "The 'To' number +15555550142 is not a valid phone number."
	if strings.Contains(e.Error(), "+1555") {
		t.Errorf("Error() = %q names a number", e.Error())
	}
	if got := e.Errors(); len(got) != 1 || got[0].Title != e.Said.Title {
		t.Errorf("Errors() = %v, want the provider's words", got)
	}
	e.Said.Title = ""
	if got := e.Errors(); got[0].Code != "rejected" || got[0].Title != "answered 400" {
		t.Errorf("Errors() = %v, want our words where the provider said nothing", got)
	}
}

func TestAsSendErrorTakesAnUnknownErrorForAmbiguous(t *testing.T) {
	if got := provider.AsSendError(errors.New("boom")); got.Reason != provider.Ambiguous || got.Retryable() {
		t.Errorf("AsSendError() = %v, want ambiguous and not retryable", got)
	}
	want := &provider.SendError{Reason: provider.Throttled, Err: errors.New("slow")}
	if got := provider.AsSendError(fmt.Errorf("send: %w", want)); got != want || !got.Retryable() {
		t.Errorf("AsSendError() = %v, want the wrapped error", got)
	}
}
