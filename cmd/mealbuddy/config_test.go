package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/kma"
	"github.com/Group-buying-service/mealbuddy/adapter/oidc"
	"github.com/Group-buying-service/mealbuddy/adapter/redis"
)

// keyOf gives a key in base64.
func keyOf(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

func TestConfig(t *testing.T) {
	defaults := config{Addr: ":8080", Data: "data", LogLevel: slog.LevelInfo, TokenLife: 15 * time.Minute, WSURLToken: on, Limits: on, Emails: masked, PasswordMemory: 47104, PasswordTime: 1,
		KakaoURL: "https://dapi.kakao.com", KMAURL: kma.URL, KMAKeyParam: kma.KeyParam,
		KakaoLoginURL: oidc.KakaoIssuer, GoogleLoginURL: oidc.GoogleIssuer, NaverLoginURL: oidc.NaverIssuer, OIDCName: "OpenID"}
	for name, environ := range map[string]map[string]string{
		"nothing set": nil,
		"empty ones":  {"MEALBUDDY_ADDR": "", "MEALBUDDY_TOKEN_KEYS": "", "MEALBUDDY_TOKEN_LIFE": ""},
		"other ones":  {"ADDR": ":1", "DATA": "/", "PATH": "/bin", "MEALBUDDYADDR": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := parseConfig(environ)
			require.NoError(t, err)
			assert.Equal(t, defaults, cfg)
		})
	}

	t.Run("all set", func(t *testing.T) {
		cfg, err := parseConfig(map[string]string{
			"MEALBUDDY_ADDR": "127.0.0.1:0", "MEALBUDDY_DATA": "elsewhere", "MEALBUDDY_LOG_LEVEL": "warn",
			"MEALBUDDY_TOKEN_KEYS": keyOf('a') + ", " + keyOf('b'), "MEALBUDDY_TOKEN_LIFE": "1h",
			"MEALBUDDY_PASSWORD_MEMORY": "19456", "MEALBUDDY_PASSWORD_TIME": "2",
			"MEALBUDDY_REDIS_URL": "redis://me:hunter2@cache:6380/1",
			"MEALBUDDY_KAKAO_KEY": "0123456789abcdef", "MEALBUDDY_KAKAO_URL": "http://127.0.0.1:1/kakao",
			"MEALBUDDY_KMA_KEY": "aB3+/cD==", "MEALBUDDY_KMA_URL": "http://127.0.0.1:1/kma", "MEALBUDDY_KMA_KEY_PARAM": "authKey",
			"MEALBUDDY_OPENAI_MODEL": "m", "MEALBUDDY_OPENAI_KEY": "sk-1", "MEALBUDDY_OPENAI_URL": "http://127.0.0.1:1/v1",
			"MEALBUDDY_DEBUG_ADDR": "127.0.0.1:6060", "MEALBUDDY_DRAIN": "5s",
			"MEALBUDDY_PUBLIC_URL": "HTTPS://MealBuddy.example:443/", "MEALBUDDY_TRUSTED_PROXIES": "10.1.2.3/8, ::1,192.0.2.1, ::ffff:192.0.2.2",
			"MEALBUDDY_WS_URL_TOKEN": "off", "MEALBUDDY_LIMITS": "off", "MEALBUDDY_EMAILS": "full",
			"MEALBUDDY_KAKAO_LOGIN_ID": "k", "MEALBUDDY_KAKAO_LOGIN_SECRET": "ks", "MEALBUDDY_KAKAO_LOGIN_URL": "http://127.0.0.1:1",
			"MEALBUDDY_GOOGLE_LOGIN_ID": "g", "MEALBUDDY_GOOGLE_LOGIN_SECRET": "gs", "MEALBUDDY_GOOGLE_LOGIN_URL": "http://localhost:1",
			"MEALBUDDY_NAVER_LOGIN_ID": "n", "MEALBUDDY_NAVER_LOGIN_SECRET": "ns", "MEALBUDDY_NAVER_LOGIN_URL": "http://[::1]:1",
			"MEALBUDDY_OIDC_ISSUER": "https://login.example/realm", "MEALBUDDY_OIDC_ID": "o", "MEALBUDDY_OIDC_SECRET": "os", "MEALBUDDY_OIDC_NAME": "우리 회사",
		})
		require.NoError(t, err)
		var cache redis.URL
		require.NoError(t, cache.UnmarshalText([]byte("redis://me:hunter2@cache:6380/1")))
		a, b := auth.Key(bytes.Repeat([]byte{'a'}, 32)), auth.Key(bytes.Repeat([]byte{'b'}, 32))
		assert.Equal(t, config{
			Addr: "127.0.0.1:0", Data: "elsewhere", LogLevel: slog.LevelWarn, TokenKeys: keys{a, b}, TokenLife: time.Hour,
			PasswordMemory: 19456, PasswordTime: 2, RedisURL: cache,
			KakaoKey: "0123456789abcdef", KakaoURL: "http://127.0.0.1:1/kakao",
			KMAKey: "aB3+/cD==", KMAURL: "http://127.0.0.1:1/kma", KMAKeyParam: "authKey",
			OpenAIModel: "m", OpenAIKey: "sk-1", OpenAIURL: "http://127.0.0.1:1/v1",
			PublicURL: "https://mealbuddy.example",
			TrustedProxies: prefixes{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"),
				netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")},
			DebugAddr: "127.0.0.1:6060", Drain: 5 * time.Second, WSURLToken: off, Limits: off, Emails: full,
			KakaoLoginID: "k", KakaoLoginSecret: "ks", KakaoLoginURL: "http://127.0.0.1:1",
			GoogleLoginID: "g", GoogleLoginSecret: "gs", GoogleLoginURL: "http://localhost:1",
			NaverLoginID: "n", NaverLoginSecret: "ns", NaverLoginURL: "http://[::1]:1",
			OIDCIssuer: "https://login.example/realm", OIDCID: "o", OIDCSecret: "os", OIDCName: "우리 회사",
		}, cfg)
	})

	t.Run("wrong", func(t *testing.T) {
		const secret = "hunter2hunter2hunter2hunter2hunter2"
		for name, tt := range map[string]struct {
			environ map[string]string
			named   []string
		}{
			"no port":              {map[string]string{"ADDR": "localhost"}, []string{"ADDR"}},
			"no such port":         {map[string]string{"ADDR": ":99999"}, []string{"ADDR"}},
			"a port below 0":       {map[string]string{"ADDR": ":-1"}, []string{"ADDR"}},
			"a port by no name":    {map[string]string{"ADDR": ":no-such-service"}, []string{"ADDR"}},
			"a URL":                {map[string]string{"ADDR": "http://localhost:8080/"}, []string{"ADDR"}},
			"no port to debug":     {map[string]string{"DEBUG_ADDR": "localhost"}, []string{"DEBUG_ADDR"}},
			"a drain below 0":      {map[string]string{"DRAIN": "-1s"}, []string{"DRAIN"}},
			"a long drain":         {map[string]string{"DRAIN": "301s"}, []string{"DRAIN"}},
			"no public scheme":     {map[string]string{"PUBLIC_URL": "mealbuddy.example"}, []string{"PUBLIC_URL"}},
			"a public path":        {map[string]string{"PUBLIC_URL": "https://mealbuddy.example/app"}, []string{"PUBLIC_URL"}},
			"a public query":       {map[string]string{"PUBLIC_URL": "https://mealbuddy.example/?a"}, []string{"PUBLIC_URL"}},
			"a public name":        {map[string]string{"PUBLIC_URL": "https://me@mealbuddy.example"}, []string{"PUBLIC_URL"}},
			"no public host":       {map[string]string{"PUBLIC_URL": "https://:443"}, []string{"PUBLIC_URL"}},
			"a public Korean host": {map[string]string{"PUBLIC_URL": "https://밀버디.example"}, []string{"PUBLIC_URL"}},
			"a proxy by name":      {map[string]string{"TRUSTED_PROXIES": "10.0.0.1,caddy"}, []string{"TRUSTED_PROXIES"}},
			"no proxy":             {map[string]string{"TRUSTED_PROXIES": "10.0.0.1,"}, []string{"TRUSTED_PROXIES"}},
			"everybody a proxy":    {map[string]string{"TRUSTED_PROXIES": "0.0.0.0/0"}, []string{"TRUSTED_PROXIES"}},
			"everybody wrapped":    {map[string]string{"TRUSTED_PROXIES": "::ffff:0:0/96"}, []string{"TRUSTED_PROXIES"}},
			"level":                {map[string]string{"LOG_LEVEL": "loud"}, []string{"LOG_LEVEL"}},
			"a switch":             {map[string]string{"LIMITS": "maybe", "WS_URL_TOKEN": "Off"}, []string{"LIMITS", "WS_URL_TOKEN"}},
			"life without a unit":  {map[string]string{"TOKEN_LIFE": "15"}, []string{"TOKEN_LIFE"}},
			"short life":           {map[string]string{"TOKEN_LIFE": "59s"}, []string{"TOKEN_LIFE"}},
			"long life":            {map[string]string{"TOKEN_LIFE": "61m"}, []string{"TOKEN_LIFE"}},
			"life below 0":         {map[string]string{"TOKEN_LIFE": "-15m"}, []string{"TOKEN_LIFE"}},
			"memory in words":      {map[string]string{"PASSWORD_MEMORY": "much"}, []string{"PASSWORD_MEMORY"}},
			"memory below 0":       {map[string]string{"PASSWORD_MEMORY": "-1"}, []string{"PASSWORD_MEMORY"}},
			"too much memory":      {map[string]string{"PASSWORD_MEMORY": "4294967296"}, []string{"PASSWORD_MEMORY"}},
			"little memory":        {map[string]string{"PASSWORD_MEMORY": "1024", "PASSWORD_TIME": "50"}, []string{"PASSWORD_MEMORY"}},
			"little time":          {map[string]string{"PASSWORD_MEMORY": "19456"}, []string{"PASSWORD_MEMORY", "PASSWORD_TIME"}},
			"no time":              {map[string]string{"PASSWORD_TIME": "0"}, []string{"PASSWORD_TIME"}},
			"a word for a key":     {map[string]string{"TOKEN_KEYS": secret}, []string{"TOKEN_KEYS"}},
			"a short key":          {map[string]string{"TOKEN_KEYS": base64.StdEncoding.EncodeToString([]byte(secret[:31]))}, []string{"TOKEN_KEYS"}},
			"a bad second key":     {map[string]string{"TOKEN_KEYS": keyOf('a') + "," + secret}, []string{"TOKEN_KEYS"}},
			"no second key":        {map[string]string{"TOKEN_KEYS": keyOf('a') + ","}, []string{"TOKEN_KEYS"}},
			"three keys":           {map[string]string{"TOKEN_KEYS": keyOf('a') + "," + keyOf('b') + "," + keyOf('c')}, []string{"TOKEN_KEYS"}},
			"a key of zeros":       {map[string]string{"TOKEN_KEYS": keyOf(0)}, []string{"TOKEN_KEYS"}},
			"a Redis of no kind":   {map[string]string{"REDIS_URL": "http://cache:6379"}, []string{"REDIS_URL"}},
			"a Kakao key of words": {map[string]string{"KAKAO_KEY": secret + " " + secret}, []string{"KAKAO_KEY"}},
			"no Kakao URL":         {map[string]string{"KAKAO_URL": "dapi.kakao.com"}, []string{"KAKAO_URL"}},
			"a Kakao file":         {map[string]string{"KAKAO_URL": "file:///etc/passwd"}, []string{"KAKAO_URL"}},
			"a KMA key of words":   {map[string]string{"KMA_KEY": secret + " " + secret}, []string{"KMA_KEY"}},
			"no KMA URL":           {map[string]string{"KMA_URL": "apis.data.go.kr"}, []string{"KMA_URL"}},
			"no OpenAI URL":        {map[string]string{"OPENAI_URL": "localhost/v1"}, []string{"OPENAI_URL"}},
			"Kakao over http":      {map[string]string{"KAKAO_LOGIN_URL": "http://kauth.kakao.com"}, []string{"KAKAO_LOGIN_URL"}},
			"Google with a query":  {map[string]string{"GOOGLE_LOGIN_URL": "https://accounts.google.com?a=b"}, []string{"GOOGLE_LOGIN_URL"}},
			"Naver by its name":    {map[string]string{"NAVER_LOGIN_URL": "nid.naver.com"}, []string{"NAVER_LOGIN_URL"}},
			"an issuer over http":  {map[string]string{"OIDC_ISSUER": "http://10.0.0.1", "OIDC_ID": "o"}, []string{"OIDC_ISSUER"}},
			"an issuer alone":      {map[string]string{"OIDC_ISSUER": "https://login.example"}, []string{"OIDC_ISSUER", "OIDC_ID"}},
			"an id alone":          {map[string]string{"OIDC_ID": "o"}, []string{"OIDC_ISSUER", "OIDC_ID"}},
			"a secret alone":       {map[string]string{"KAKAO_LOGIN_SECRET": secret}, []string{"KAKAO_LOGIN_SECRET", "KAKAO_LOGIN_ID"}},
			"a secret of words":    {map[string]string{"NAVER_LOGIN_ID": "n", "NAVER_LOGIN_SECRET": secret + " "}, []string{"NAVER_LOGIN_SECRET"}},
			"no Google secret":     {map[string]string{"GOOGLE_LOGIN_ID": "g"}, []string{"GOOGLE_LOGIN_ID", "GOOGLE_LOGIN_SECRET"}},
			"no Naver secret":      {map[string]string{"NAVER_LOGIN_ID": "n"}, []string{"NAVER_LOGIN_ID", "NAVER_LOGIN_SECRET"}},
			"a model alone":        {map[string]string{"OPENAI_MODEL": "m"}, []string{"OPENAI_MODEL", "OPENAI_KEY", "OPENAI_URL"}},
			"a model's key alone":  {map[string]string{"OPENAI_KEY": secret}, []string{"OPENAI_KEY", "OPENAI_MODEL"}},
			"a model's URL alone":  {map[string]string{"OPENAI_URL": "http://localhost/v1"}, []string{"OPENAI_URL", "OPENAI_MODEL"}},
			"a name of nobody":     {map[string]string{"OIDC_NAME": "우리 회사"}, []string{"OIDC_NAME", "OIDC_ID"}},
			"a parameter alone":    {map[string]string{"KMA_KEY_PARAM": "authKey"}, []string{"KMA_KEY_PARAM", "KMA_KEY"}},
			"several":              {map[string]string{"ADDR": "x", "TOKEN_LIFE": "1s", "PASSWORD_TIME": "0"}, []string{"ADDR", "TOKEN_LIFE", "PASSWORD_TIME"}},
			"several of no type":   {map[string]string{"TOKEN_KEYS": secret, "TOKEN_LIFE": "x", "PASSWORD_TIME": "y"}, []string{"TOKEN_KEYS", "TOKEN_LIFE", "PASSWORD_TIME"}},
			"beside a secret that": {map[string]string{"TOKEN_KEYS": keyOf('a'), "TOKEN_LIFE": "x"}, []string{"TOKEN_LIFE"}},
		} {
			t.Run(name, func(t *testing.T) {
				environ := map[string]string{"MEALBUDDY_DATA": t.TempDir()}
				for k, v := range tt.environ {
					environ["MEALBUDDY_"+k] = v
				}
				for _, args := range [][]string{nil, {"demo"}, {"migrate"}, {"backup", "b"}, {"restore", "b"}, {"health"}} {
					code, stdout, stderr := runWith(t, environ, args...)
					assert.Equal(t, 2, code)
					assert.Empty(t, stdout)
					assert.True(t, strings.HasPrefix(stderr, "mealbuddy: "), stderr)
					for _, name := range tt.named {
						assert.Contains(t, stderr, "MEALBUDDY_"+name)
					}
					assert.NotContains(t, stderr, secret)
					for _, part := range strings.Split(tt.environ["TOKEN_KEYS"], ",") {
						if part != "" {
							assert.NotContains(t, stderr, part)
						}
					}
				}
			})
		}
	})
}

func TestSecretsAreMarked(t *testing.T) {
	for field := range reflect.TypeFor[config]().Fields() {
		name := field.Tag.Get("env")
		hidden := field.Type == reflect.TypeFor[secret]() || name == "TOKEN_KEYS" || name == "DATABASE_URL" || name == "REDIS_URL"
		assert.Equal(t, hidden, field.Tag.Get("secret") != "", name)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	write := func(text string) (file string) {
		file = filepath.Join(t.TempDir(), "secret")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	a := auth.Key(bytes.Repeat([]byte{'a'}, 32))
	for _, end := range []string{"", "\n", "\r\n", "\n\n"} {
		cfg, err := parseConfig(map[string]string{"MEALBUDDY_TOKEN_KEYS_FILE": write(keyOf('a') + end)})
		require.NoError(t, err)
		assert.Equal(t, keys{a}, cfg.TokenKeys)
	}
	cfg, err := parseConfig(map[string]string{"MEALBUDDY_REDIS_URL_FILE": write("redis://:hunter2@cache:6379/0\n")})
	require.NoError(t, err)
	assert.False(t, cfg.RedisURL.IsZero())
	cfg, err = parseConfig(map[string]string{"MEALBUDDY_TOKEN_KEYS_FILE": "", "MEALBUDDY_TOKEN_KEYS": keyOf('a')})
	require.NoError(t, err)
	assert.Equal(t, keys{a}, cfg.TokenKeys, "an empty variable is as good as none")
	cfg, err = parseConfig(map[string]string{"MEALBUDDY_DATA_FILE": write("elsewhere")})
	require.NoError(t, err)
	assert.Equal(t, "data", cfg.Data, "which is no secret")

	for name, tt := range map[string]struct {
		environ map[string]string
		want    string
	}{
		"both":         {map[string]string{"TOKEN_KEYS": keyOf('a'), "TOKEN_KEYS_FILE": write(keyOf('b'))}, "MEALBUDDY_TOKEN_KEYS and MEALBUDDY_TOKEN_KEYS_FILE"},
		"no file":      {map[string]string{"TOKEN_KEYS_FILE": "/nowhere/key"}, "MEALBUDDY_TOKEN_KEYS_FILE: open /nowhere/key"},
		"a folder":     {map[string]string{"TOKEN_KEYS_FILE": t.TempDir()}, "MEALBUDDY_TOKEN_KEYS_FILE"},
		"an empty one": {map[string]string{"TOKEN_KEYS_FILE": write("\n")}, "MEALBUDDY_TOKEN_KEYS_FILE"},
		"no key in it": {map[string]string{"TOKEN_KEYS_FILE": write("hunter2")}, "MEALBUDDY_TOKEN_KEYS"},
	} {
		environ := map[string]string{"MEALBUDDY_DATA": t.TempDir()}
		for k, v := range tt.environ {
			environ["MEALBUDDY_"+k] = v
		}
		code, stdout, stderr := runWith(t, environ)
		assert.Equal(t, 2, code, name)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, tt.want, name)
		for _, secret := range []string{keyOf('a'), keyOf('b'), "hunter2"} {
			assert.NotContains(t, stderr, secret, name)
		}
	}
}

// runWith runs a command that ends by itself.
func runWith(t *testing.T, environ map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code = run(ctx, args, environ, &out, &errs)
	require.NoError(t, ctx.Err(), "it did not end by itself")
	return code, out.String(), errs.String()
}

func TestHelp(t *testing.T) {
	for _, flag := range []string{"-help", "--help", "-h", "help"} {
		code, stdout, stderr := runWith(t, map[string]string{"MEALBUDDY_TOKEN_KEYS": "x"}, flag)
		assert.Equal(t, 0, code)
		assert.Empty(t, stderr)
		for s := range settings() {
			assert.NotEmpty(t, s.help, s.name)
			assert.Contains(t, stdout, s.name+" ")
			assert.Contains(t, stdout, s.preset)
			assert.Contains(t, stdout, s.help)
			assert.Contains(t, stdout, s.theme)
		}
		for _, word := range []string{
			"Usage", "mealbuddy demo ", "mealbuddy migrate ", "mealbuddy backup FILE ", "mealbuddy restore FILE ", "mealbuddy audit ", "mealbuddy health ",
			"mealbuddy version ", "* MEALBUDDY_TOKEN_KEYS ", "  MEALBUDDY_ADDR ",
		} {
			assert.Contains(t, stdout, word)
		}
	}
}

var update = flag.Bool("update", false, "write docs/configure.md anew")

// The tables of docs/configure.md are what -help prints. To write them anew:
//
//	go test ./cmd/mealbuddy -run TestTheDocumentOfTheConfiguration -update
func TestTheDocumentOfTheConfiguration(t *testing.T) {
	const file = "../../docs/configure.md"
	const begin, end = "<!-- what `mealbuddy -help` says -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)

	var tables strings.Builder
	word := regexp.MustCompile(`MEALBUDDY_\w+|\b(?:https?|redis|rediss|postgres)://[\w.:/@?=&,-]*\w|X-Forwarded-\w+|Strict-Transport-Security|Authorization\b|/readyz|te\*\*@test\.com|make stubs|openssl rand -base64 32`)
	for s := range settings() {
		if s.theme != "" {
			fmt.Fprintf(&tables, "\n## %s\n\n| Variable | Default | What it sets |\n|---|---|---|\n", s.theme)
		}
		name, preset := "`"+s.name+"`", "–"
		if s.secret {
			name += ` \*`
		}
		if s.preset != "" {
			preset = "`" + s.preset + "`"
		}
		fmt.Fprintf(&tables, "| %s | %s | %s |\n", name, preset, word.ReplaceAllString(s.help, "`$0`"))
	}
	want := before + begin + tables.String() + "\n" + end + after
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	assert.Equal(t, want, string(text))
}

func TestValuesAreRefusedInPlainWords(t *testing.T) {
	for name, value := range map[string][2]string{
		"MEALBUDDY_LOG_LEVEL": {"loud", "none of debug, info, warn and error"}, "MEALBUDDY_DRAIN": {"10", "not a duration like 30s or 5m"},
		"MEALBUDDY_PASSWORD_MEMORY": {"lots", "not a whole number"},
	} {
		_, err := parseConfig(map[string]string{name: value[0]})
		assert.EqualError(t, err, name+": "+value[1])
	}
}

func TestNamesThatNobodyReads(t *testing.T) {
	for name, meant := range map[string]string{
		"MEALBUDDY_ADRR": "MEALBUDDY_ADDR", "MEALBUDDY_DATABASEURL": "MEALBUDDY_DATABASE_URL", "MEALBUDDY_TOKEN_KEY": "MEALBUDDY_TOKEN_KEYS",
		"MEALBUDDY_TRUSTED_PROXY": "", "MEALBUDDY_TRUSTED_PROXYS": "MEALBUDDY_TRUSTED_PROXIES", "MEALBUDDY_REDIS_URL_FLE": "MEALBUDDY_REDIS_URL_FILE",
	} {
		unknown, err := checkNames(map[string]string{name: "x"})
		if meant == "" {
			assert.NoError(t, err)
			assert.Equal(t, []string{name}, unknown)
			continue
		}
		assert.EqualError(t, err, name+" is not known; did you mean "+meant+"?")
	}
	for _, name := range []string{
		"MEALBUDDY_PORT", "MEALBUDDY_PORT_8080_TCP", "MEALBUDDY_PORT_8080_TCP_ADDR", "MEALBUDDY_SERVICE_HOST", "MEALBUDDY_SERVICE_PORT_HTTP",
		"MEALBUDDY_POSTGRES_SERVICE_HOST", "MEALBUDDY_TEST_REQUIRE", "MEALBUDDY_DOMAIN", "MEALBUDDY_GRAFANA", "MEALBUDDY_PROMETHEUS_IMAGE", "MEALBUDDY_IMAGE", "MEALBUDDY_DATABASE_URL_FILE", "MEALBUDDYX", "HOME",
	} {
		unknown, err := checkNames(map[string]string{name: "x"})
		assert.NoError(t, err, name)
		assert.Empty(t, unknown, name)
	}

	data := map[string]string{"MEALBUDDY_DATA": t.TempDir(), "MEALBUDDY_COLOUR": "red"}
	code, _, stderr := runWith(t, data, "migrate")
	assert.Equal(t, 0, code)
	assert.Contains(t, stderr, `"names":["MEALBUDDY_COLOUR"]`)
	data["MEALBUDDY_DAAT"] = "x"
	code, _, stderr = runWith(t, data, "migrate")
	assert.Equal(t, 2, code)
	assert.Equal(t, "mealbuddy: MEALBUDDY_DAAT is not known; did you mean MEALBUDDY_DATA?\n", stderr)
}

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"-version"}, {"version"}} {
		code, stdout, stderr := runWith(t, map[string]string{"MEALBUDDY_TOKEN_KEYS": "x"}, args...)
		assert.Equal(t, 0, code)
		assert.Empty(t, stderr)
		assert.Regexp(t, `^mealbuddy \S+ .*go1\.\S+ \w+/\w+\n$`, stdout)
	}
	where := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	assert.Equal(t, "mealbuddy 0.2.0 abc 2026-11-30T00:00:00Z (modified) "+where,
		build{version: "0.2.0", commit: "abc", date: "2026-11-30T00:00:00Z", modified: true}.String())
	assert.Equal(t, "mealbuddy (devel) "+where, build{version: "(devel)"}.String())
}

func TestUnknownCommands(t *testing.T) {
	for _, args := range [][]string{{"serve"}, {"", "x"}, {"-port", "80"}, {"-addr=:80"}, {"user"}, {"post", "burn", "1"},
		{"-version", "demo"}, {"version", "x"}, {"help", "me"}} {
		code, stdout, stderr := runWith(t, map[string]string{"MEALBUDDY_DATA": t.TempDir()}, args...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, stdout)
		assert.Regexp(t, "^mealbuddy: this is no command: .*`mealbuddy -help` lists them\n$", stderr, args)
	}
}

func TestOtherArgumentsThanACommandTakes(t *testing.T) {
	for _, c := range []struct {
		args []string
		said string
	}{
		{[]string{"backup"}, "backup: FILE is missing; `mealbuddy backup FILE`"},
		{[]string{"backup", ""}, "backup: FILE can't be \"\"; `mealbuddy backup FILE`"},
		{[]string{"backup", "a", "b"}, "backup: \"b\" is too much; quote an argument that has spaces; `mealbuddy backup FILE`"},
		{[]string{"migrate", "up"}, "migrate: \"up\" is too much; quote an argument that has spaces; `mealbuddy migrate`"},
		{[]string{"user", "show", "-json"}, "user show: WHO is missing; `mealbuddy user show [-email] [-json] WHO`"},
		{[]string{"user", "list", "--", "-x"}, "user list: PART can't be \"-x\"; `mealbuddy user list [-json] [PART]`"},
		{[]string{"user", "sign-out", "-x", "ann"}, "user sign-out: flag provided but not defined: -x; `mealbuddy user sign-out [-json] WHO`"},
		{[]string{"agenda", "now"}, "agenda: \"now\" is too much; quote an argument that has spaces; `mealbuddy agenda`, `mealbuddy agenda retry KIND [KEY]`"},
	} {
		code, stdout, stderr := runWith(t, map[string]string{"MEALBUDDY_DATA": t.TempDir()}, c.args...)
		assert.Equal(t, 2, code, c.args)
		assert.Empty(t, stdout)
		assert.Equal(t, "mealbuddy: "+c.said+"\n", stderr)
	}
}

func TestHelpOfCommands(t *testing.T) {
	one := func(c command) string {
		var b strings.Builder
		c.help(&b)
		return b.String()
	}
	var users []string
	for _, c := range commands {
		if strings.HasPrefix(c.name, "user ") {
			users = append(users, one(c))
		}
	}
	require.Len(t, users, 6)
	show, _ := find([]string{"user", "show"})
	for _, c := range []struct{ asked, said string }{
		{"user -help", strings.Join(users, "\n")},
		{"help user", strings.Join(users, "\n")},
		{"help user show", one(show)},
		{"user show -h", one(show)},
		{"user show ann -email -help", one(show)},
	} {
		code, stdout, stderr := runWith(t, nil, strings.Fields(c.asked)...)
		assert.Equal(t, 0, code, c.asked)
		assert.Empty(t, stderr)
		assert.Equal(t, c.said, stdout, c.asked)
	}
}
