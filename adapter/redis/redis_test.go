package redis

import (
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
