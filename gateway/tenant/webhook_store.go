package tenant

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
)

// webhookSecrets is what signs an endpoint's deliveries.
type webhookSecrets struct {
	HMAC    string `json:"hmac"`    // as the developer has it, "whsec_…" if made here
	Ed25519 []byte `json:"ed25519"` // private key's seed
}

// saveWebhook inserts or updates the endpoint of spec.URL. change says which.
func (s *Store) saveWebhook(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, agent ingest.AgentID, spec WebhookSpec) (w Webhook, secret string, c change, err error) {
	var sealed []byte
	err = tx.QueryRow(ctx, `
		SELECT id, events, format, public_key, created_at, secrets FROM webhook_endpoints
		WHERE tenant_id = $1 AND url = $2 AND agent_id = $3 FOR UPDATE`, tenant, spec.URL, agent).
		Scan(&w.ID, &w.Events, &w.Format, &w.PublicKey, &w.CreatedAt, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.insertWebhook(ctx, tx, tenant, agent, spec)
	}
	if err != nil {
		return Webhook{}, "", unchanged, fmt.Errorf("read webhook: %w", err)
	}
	keys, err := s.openWebhook(tenant, w.ID, sealed)
	if err != nil {
		return Webhook{}, "", unchanged, err
	}
	same := slices.Equal(w.Events, spec.Events) && w.Format == spec.Format
	w.URL, w.Agent, w.Events, w.Format = spec.URL, agent, spec.Events, spec.Format
	if spec.Secret != "" && spec.Secret != keys.HMAC {
		keys.HMAC, same, secret = spec.Secret, false, spec.Secret
	}
	if same {
		return w, "", unchanged, nil
	}
	sealed, err = s.sealWebhook(tenant, w.ID, keys)
	if err != nil {
		return Webhook{}, "", unchanged, err
	}
	_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET events = $3, format = $4, secrets = $5, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
		tenant, w.ID, w.Events, w.Format, sealed)
	if err != nil {
		return Webhook{}, "", unchanged, fmt.Errorf("save webhook %s: %w", w.ID, err)
	}
	return w, secret, changed, nil
}

func (s *Store) insertWebhook(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, agent ingest.AgentID, spec WebhookSpec) (Webhook, string, change, error) {
	now := s.now().UTC()
	w := Webhook{ID: ingest.NewID(ingest.PrefixWebhook, now), Agent: agent, URL: spec.URL, Events: spec.Events, Format: spec.Format, CreatedAt: now}
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	keys := webhookSecrets{HMAC: spec.Secret, Ed25519: seed}
	if keys.HMAC == "" {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw)
		keys.HMAC = "whsec_" + base64.StdEncoding.EncodeToString(raw)
	}
	public, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	w.PublicKey = "whpk_" + base64.StdEncoding.EncodeToString(public)
	sealed, err := s.sealWebhook(tenant, w.ID, keys)
	if err != nil {
		return Webhook{}, "", unchanged, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO webhook_endpoints (tenant_id, id, agent_id, url, events, format, secrets, public_key, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tenant, w.ID, agent, w.URL, w.Events, w.Format, sealed, w.PublicKey, now)
	if err != nil {
		return Webhook{}, "", unchanged, fmt.Errorf("create webhook: %w", err)
	}
	return w, keys.HMAC, created, nil
}

func (s *Store) sealWebhook(tenant ingest.TenantID, id string, keys webhookSecrets) ([]byte, error) {
	plain, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("seal webhook %s: %w", id, err)
	}
	return s.vault.Seal(string(tenant)+"|"+id, plain), nil
}

func (s *Store) openWebhook(tenant ingest.TenantID, id string, sealed []byte) (webhookSecrets, error) {
	plain, err := s.vault.Open(string(tenant)+"|"+id, sealed)
	if err != nil {
		return webhookSecrets{}, fmt.Errorf("webhook %s: %w", id, err)
	}
	var keys webhookSecrets
	return keys, json.Unmarshal(plain, &keys)
}
