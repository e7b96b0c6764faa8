package redis

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/test/container"
	"github.com/Group-buying-service/mealbuddy/test/contract"
)

func TestURL(t *testing.T) {
	for text, want := range map[string]goredis.UniversalOptions{
		"redis://cache":                       {Addrs: []string{"cache:6379"}},
		"redis://cache:6380/":                 {Addrs: []string{"cache:6380"}},
		"redis://[::1]/2":                     {Addrs: []string{"[::1]:6379"}, DB: 2},
		"redis://:p%40ss@cache/2":             {Addrs: []string{"cache:6379"}, DB: 2, Password: "p@ss"},
		"redis://me:pass@cache":               {Addrs: []string{"cache:6379"}, Username: "me", Password: "pass"},
		"redis://n1?cluster=true":             {Addrs: []string{"n1:6379"}, IsClusterMode: true},
		"redis://me:pass@n1?cluster=true":     {Addrs: []string{"n1:6379"}, IsClusterMode: true, Username: "me", Password: "pass"},
		"redis://n1/0?cluster=true&addr=n2:1": {Addrs: []string{"n1:6379", "n2:1"}, IsClusterMode: true},
		"redis://s1?master_name=main":         {Addrs: []string{"s1:26379"}, MasterName: "main"},
		"redis://sen:tinel@s1:1/3?master_name=main&addr=s2:2&addr=s3:3&username=me&password=pass": {
			Addrs: []string{"s1:1", "s2:2", "s3:3"}, MasterName: "main", DB: 3,
			SentinelUsername: "sen", SentinelPassword: "tinel", Username: "me", Password: "pass",
		},
	} {
		for scheme, secure := range map[string]bool{"redis:": false, "rediss:": true} {
			var u URL
			require.NoError(t, u.UnmarshalText([]byte(strings.Replace(text, "redis:", scheme, 1))), text)
			assert.False(t, u.IsZero())
			assert.Equal(t, secure, u.options.TLSConfig != nil)
			u.options.TLSConfig = nil
			assert.Equal(t, want, *u.options, text)
		}
	}
	assert.True(t, URL{}.IsZero())
}

func TestURLThatIsNone(t *testing.T) {
	for _, text := range []string{
		"", "cache", "cache:6379", "redis:", "redis://", "redis:cache", "redis://:6379", "http://cache", "unix:///run/redis.sock",
		"redis://cache:0", "redis://cache:65536", "redis://cache:x", "redis://hunter2:hunter2", "redis://a:hunter2@b@:x",
		"redis://cache/x", "redis://cache/-1", "redis://cache/0/1", "redis://cache#hunter2", "redis://cache?%zz",
		"redis://cache?db=1", "redis://cache?addr=b:1", "redis://cache?pool_size=3", "redis://cache?password=hunter2",
		"redis://n1?cluster=yes", "redis://n1?cluster=true&cluster=true", "redis://n1/1?cluster=true", "redis://n1?cluster=true&addr=n2",
		"redis://n1?cluster=true&addr=:1", "redis://n1?cluster=true&master_name=main", "redis://s1?master_name=main&addr=",
		"redis://s1?master_name=main&password=a&password=b", "redis://s1?master_name=",
	} {
		var u URL
		assert.ErrorIs(t, u.UnmarshalText([]byte(text)), ErrURL, text)
		assert.True(t, u.IsZero())
	}
	assert.NotContains(t, ErrURL.Error(), "hunter2")
}

func TestPasswords(t *testing.T) {
	server := container.StartRedis(t, "--requirepass", "hunter2", "--user", "mealbuddy", "on", ">hunter3", "~mealbuddy:*", "&mealbuddy:*", "+@all")
	for _, login := range []string{":hunter2", "mealbuddy:hunter3"} {
		at := "redis://" + login + "@" + server.Addr()
		here, there := pair(t, at)
		here.Publish(t.Context(), contract.Line(1, 1))
		there.ear.Await(t, "line 1 in 1")
		q, log := share(connect(t, at))
		take(t, q, login, slow, 1)
		assert.Empty(t, log.String())
	}
	stranger := join(t, connect(t, "redis://:hunter4@"+server.Addr()))
	require.Eventually(t, func() bool { return stranger.log.count(gone) == 1 }, 10*time.Second, time.Millisecond)
	assert.NotContains(t, stranger.log.String(), "hunter")
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, &x509.Certificate{}, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "mealbuddy-tls-") // only the owner can read t.TempDir, and Redis runs as another user
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o644))
		return file
	}
	port := freePort(t)
	container.StartRedis(t, "--tls-port", port, "--tls-auth-clients", "no",
		"--tls-cert-file", write("cert.pem", "CERTIFICATE", cert), "--tls-key-file", write("key.pem", "PRIVATE KEY", secret))

	var u URL
	require.NoError(t, u.UnmarshalText([]byte("rediss://127.0.0.1:"+port)))
	stranger := Connect(u)
	assert.ErrorContains(t, stranger.redis.Ping(t.Context()).Err(), "certificate")
	require.NoError(t, stranger.Close())

	u.options.TLSConfig.RootCAs = x509.NewCertPool()
	require.True(t, u.options.TLSConfig.RootCAs.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	client := Connect(u)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	require.NoError(t, client.redis.Ping(t.Context()).Err())
	join(t, client).awaitUp(t)
}
