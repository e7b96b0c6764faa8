// Package redis connects several processes through Redis 7 or newer: one server, one
// with Sentinels, or a Cluster. Redis holds only data that may be lost, and everything
// keeps working, with limitations, while Redis is down.
package redis

import (
	"context"
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

// timeout limits each command and each attempt to connect.
const timeout = time.Second

// Go-redis would write to stderr. Bus and Quota log the important errors.
func init() { logging.Disable() }

// URL is the address of Redis; the zero URL means none. It has the forms of
// go-redis:
//
//	redis://user:password@host:6379/0     one server; rediss:// for TLS
//	redis://sentinel1:26379/0?master_name=main&addr=sentinel2:26379&addr=…
//	redis://node1:6379?cluster=true&addr=node2:6379&addr=…
//
// With Sentinels, user and password before the @ are those of the Sentinels; the
// parameters username and password are those of the servers.
type URL struct{ options *goredis.UniversalOptions }

// ErrURL is the error for every invalid URL. It contains no secret.
var ErrURL = errors.New("not a URL like redis://host:6379/0, redis://sentinel:26379/0?master_name=main or redis://node:6379?cluster=true")

// UnmarshalText parses a URL, or returns ErrURL.
func (u *URL) UnmarshalText(text []byte) error {
	at, err := url.Parse(string(text))
	if err != nil || at.Opaque != "" || at.Hostname() == "" || at.Fragment != "" {
		return ErrURL
	}
	q, err := url.ParseQuery(at.RawQuery)
	if err != nil {
		return ErrURL
	}
	one := func(name string) (value string) { // removes a parameter that may occur once
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

// IsZero reports whether no Redis is configured.
func (u URL) IsZero() bool { return u.options == nil }

// Client is a pool of connections to Redis, which are opened on demand.
type Client struct {
	redis goredis.UniversalClient
	// prefix starts all keys and channels. It contains the number of the
	// database, because channels, unlike keys, are shared by all databases.
	prefix  string
	cluster bool
	// sentinels finds the server; nil if the URL names it.
	sentinels *sentinels
}

// Connect returns a client for the Redis at u, which must not be zero.
func Connect(u URL) *Client {
	o := *u.options
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = timeout, timeout, timeout, timeout
	o.ContextTimeoutEnabled = true
	o.MaxRetries, o.DialerRetries = 1, 1
	o.PipelinePoolSize = -1                                                                        // use the same pool
	o.DisableIdentity = true                                                                       // an unknown command in Redis 7.0
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // likewise
	c := &Client{
		prefix:  fmt.Sprintf("mealbuddy:%d:", o.DB),
		cluster: o.IsClusterMode,
	}
	if o.MasterName != "" {
		c.sentinels = newSentinels(&o)
		o.MasterName, o.Addrs = "", o.Addrs[:1]       // or go-redis takes them for others
		o.TLSConfig, o.Dialer = nil, c.sentinels.dial // which speaks TLS itself
	}
	c.redis = goredis.NewUniversalClient(&o)
	return c
}

// Ping returns an error unless Redis answers and takes the login.
func (c *Client) Ping(ctx context.Context) error {
	if err := c.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}

// Close closes all connections. Calls in progress fail.
func (c *Client) Close() error {
	err := c.redis.Close()
	if c.sentinels != nil {
		err = errors.Join(err, c.sentinels.close())
	}
	return err
}
