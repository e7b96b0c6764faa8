package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/stub/kakao"
	"github.com/Group-buying-service/mealbuddy/test/stub/kma"
	"github.com/Group-buying-service/mealbuddy/test/stub/openai"
)

// lineAbout finds the line of check that is about something.
func lineAbout(t *testing.T, said, about string) string {
	t.Helper()
	for line := range strings.Lines(said) {
		if strings.Contains(line, about) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	t.Errorf("nothing is said about %s:\n%s", about, said)
	return ""
}

var services = []string{"Redis", "Kakao Local", "the weather of the KMA", "the language model"}

func TestCheckSaysWhatIsOff(t *testing.T) {
	env := environ(t)
	code, said, stderr := runWith(t, env, "check")
	require.Equal(t, 0, code, stderr)
	for _, name := range append(services, "metrics", "an address of its own", "signing in with Kakao", "signing in with an OpenID") {
		assert.Regexp(t, `^off    .*\(MEALBUDDY_[A-Z_]+\)$`, lineAbout(t, said, name))
	}
	assert.Equal(t, "on     limits (MEALBUDDY_LIMITS)", lineAbout(t, said, "limits"))
	assert.Regexp(t, "^open   SQLite in ", lineAbout(t, said, env["MEALBUDDY_DATA"]))
	assert.NotContains(t, said, "seats", "a database that is not there is told of once")
	s := start(t, env)
	code, said, stderr = runWith(t, env, "check") // beside the service
	assert.Equal(t, 0, code, stderr)
	assert.Regexp(t, "^good   SQLite in .* answers$", lineAbout(t, said, env["MEALBUDDY_DATA"]))
	s.stop()
}

func TestCheckTriesEveryService(t *testing.T) {
	place := httptest.NewServer(&kakao.Stub{})
	defer place.Close()
	weather := httptest.NewServer(&kma.Stub{Key: "hunter2", Now: time.Now})
	defer weather.Close()
	model := httptest.NewServer(&openai.Stub{})
	defer model.Close()
	env := onPostgres(t)
	for name, value := range map[string]string{
		"REDIS_URL": container.Redis(t), "KAKAO_URL": place.URL, "KAKAO_KEY": "hunter2", "KMA_URL": weather.URL, "KMA_KEY": "hunter2",
		"OPENAI_URL": model.URL + "/v1", "OPENAI_MODEL": "stub", "OPENAI_KEY": "hunter2",
	} {
		env[prefix+name] = value
	}
	code, said, stderr := runWith(t, env, "check")
	assert.Equal(t, 0, code, stderr)
	for _, name := range services {
		assert.Equal(t, "good   "+name+" answers", lineAbout(t, said, name))
	}
	assert.Regexp(t, "^open   PostgreSQL answers, and serving brings it up to date: ", lineAbout(t, said, "PostgreSQL"))
	code, _, stderr = runWith(t, env, "migrate")
	require.Equal(t, 0, code, stderr)
	code, said, _ = runWith(t, env, "check")
	assert.Equal(t, 0, code)
	assert.Equal(t, "good   PostgreSQL answers", lineAbout(t, said, "PostgreSQL"))
	assert.NotContains(t, said, "hunter2")

	env["MEALBUDDY_REDIS_URL"] = "redis://me:hunter2@127.0.0.1:1/0"
	env["MEALBUDDY_DATABASE_URL"] = "postgres://me:hunter2@127.0.0.1:1/none"
	env["MEALBUDDY_KAKAO_KEY"] = string(kakao.WrongKey)
	env["MEALBUDDY_KMA_KEY"] = "hunter3"
	env["MEALBUDDY_OPENAI_KEY"] = "wrong-key"
	code, said, stderr = runWith(t, env, "check")
	assert.Equal(t, exitFailed, code)
	assert.Equal(t, "mealbuddy: wrong: 5\n", stderr)
	for _, name := range append(services, "PostgreSQL") {
		assert.Regexp(t, "^wrong  "+name+".*: .+$", lineAbout(t, said, name))
	}
	for _, secret := range []string{"hunter2", "hunter3", "wrong-key"} {
		assert.NotContains(t, said, secret)
	}
}
