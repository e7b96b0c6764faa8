// Package redis joins many processes through Redis 7 or newer: one server, one
// that Sentinels watch, or a Cluster. Nothing is kept there that is missed when it
// is lost, and all of it works on, in a lesser way, while Redis is away.
package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// patience is how long Redis may take for one answer, and for one connection.
const patience = time.Second

// Go-redis would write to stderr by itself. What matters is in the logs of Bus
// and Quota.
func init() { logging.Disable() }

// URL tells where Redis is. The zero URL tells of none. Its forms are those of
// go-redis:
//
//	redis://user:password@host:6379/0     one server; rediss:// for TLS
//	redis://sentinel1:26379/0?master_name=main&addr=sentinel2:26379&addr=…
//	redis://node1:6379?cluster=true&addr=node2:6379&addr=…
//
// With Sentinels, user and password before the @ are theirs; those of the servers
// that they watch are the parameters username and password.
type URL struct{ options *goredis.UniversalOptions }

// ErrURL is the error of every URL that cannot be read: it repeats no secret.
var ErrURL = errors.New("not a URL like redis://host:6379/0, redis://sentinel:26379/0?master_name=main or redis://node:6379?cluster=true")

// UnmarshalText reads a URL, or returns ErrURL.
func (u *URL) UnmarshalText(text []byte) error {
	at, err := url.Parse(string(text))
	if err != nil || at.Opaque != "" || at.Hostname() == "" || at.Fragment != "" {
		return ErrURL
	}
	q, err := url.ParseQuery(at.RawQuery)
	if err != nil {
		return ErrURL
	}
	one := func(name string) (value string) { // takes a parameter out that comes once
		if len(q[name]) == 1 && q[name][0] != "" {
			value = q[name][0]
			delete(q, name)
		}
		return value
	}
	o := &goredis.UniversalOptions{MasterName: one("master_name")}
	if q.Get("cluster") == "true" {
		o.IsClusterMode = one("cluster") != ""
	}
	switch at.Scheme {
	case "redis":
	case "rediss":
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	default:
		return ErrURL
	}
	port := "6379"
	o.Username = at.User.Username()
	o.Password, _ = at.User.Password()
	if o.MasterName != "" {
		port = "26379"
		o.SentinelUsername, o.SentinelPassword = o.Username, o.Password
		o.Username, o.Password = one("username"), one("password")
	}
	if at.Port() != "" {
		port = at.Port()
	}
	o.Addrs = []string{net.JoinHostPort(at.Hostname(), port)}
	if o.MasterName != "" || o.IsClusterMode {
		o.Addrs = append(o.Addrs, q["addr"]...)
		delete(q, "addr")
	}
	for _, addr := range o.Addrs {
		host, port, err := net.SplitHostPort(addr)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
			return ErrURL
		}
	}
	if db := strings.TrimPrefix(at.Path, "/"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return ErrURL
		}
	}
	if len(q) > 0 || o.IsClusterMode && (o.MasterName != "" || o.DB != 0) {
		return ErrURL
	}
	u.options = o
	return nil
}

// IsZero tells whether there is no Redis.
func (u URL) IsZero() bool { return u.options == nil }

// Client is a pool of connections to Redis. They are made when they are needed.
type Client struct {
	redis goredis.UniversalClient
	// space is what every key and channel begins with. The number of the database
	// is in it because channels, unlike keys, are the same in all of them.
	space   string
	cluster bool
}

// Connect makes a client of the Redis at u, which is not the zero URL.
func Connect(u URL) *Client {
	o := *u.options
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	o.ContextTimeoutEnabled = true
	o.MaxRetries, o.DialerRetries = 1, 1
	o.PipelinePoolSize = -1                                                                        // the one pool does for all
	o.DisableIdentity = true                                                                       // Redis 7.0 counts it as an error
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // and this
	return &Client{
		redis:   goredis.NewUniversalClient(&o),
		space:   fmt.Sprintf("mealbuddy:%d:", o.DB),
		cluster: o.IsClusterMode,
	}
}

// Close ends all connections. What still uses them fails.
func (c *Client) Close() error { return c.redis.Close() }
