package roles

import (
	"fmt"

	"frontdesk/cmd/internal/boot"
	"frontdesk/kb"
	"frontdesk/kb/embed"
)

func (h *House) openKnowledge() (*kb.Store, error) {
	cfg := kb.Config{Log: h.Log}
	if h.Config.EmbeddingsURL != "" {
		remote, err := embed.NewRemote(embed.Config{
			URL: string(h.Config.EmbeddingsURL), Key: embed.Secret(h.Config.EmbeddingsKey), Name: h.Config.EmbeddingsModel,
		})
		if err != nil {
			return nil, fmt.Errorf("FRONTDESK_EMBEDDINGS_URL: %w", err)
		}
		cfg.Embedder = remote
	}
	store := kb.NewStore(h.db, cfg)
	h.Group.Close(boot.Producers, "knowledge", store.Close)
	return store, nil
}
