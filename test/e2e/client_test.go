package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// oapi-codegen makes a client from openapi.yaml, with which a program walks from the
// sign-up to a message.
func TestTheGeneratedClientOfGo(t *testing.T) {
	clients, err := filepath.Abs("../clients")
	require.NoError(t, err)
	dir := t.TempDir()
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = clients
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s %v: %s", name, args, out)
	}
	generated, overlay, walk := filepath.Join(dir, "client.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "walk")
	run("go", "tool", "oapi-codegen", "-package", "api", "-generate", "types,client,skip-prune", "-o", generated, "../../openapi.yaml")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(clients, "api", "client.go"): generated}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	run("go", "build", "-overlay", overlay, "-o", walk, ".")
	run(walk, "http://"+shared.addr)
}
