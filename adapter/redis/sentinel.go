package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// askTime is how long the Sentinels may take to say who the master is.
	askTime = 500 * time.Millisecond
	// discoverEvery is the interval of looks for Sentinels that the URL does not name.
	discoverEvery = 10 * time.Second
	maxSentinels  = 16
)

var (
	errNoSentinel = errors.New("no sentinel says who the master is")
	errMoved      = errors.New("another server is the master")
)

// sentinels connects to the master that Sentinels name. Once they name another one, it
// closes all connections to the old one: that may go on answering, as a replica, or as a
// master that only the Sentinels have lost sight of. (The client for Sentinels of
// go-redis leaves connections with subscriptions where they are.)
type sentinels struct {
	name    string
	options goredis.Options // for connections to the Sentinels
	tls     *tls.Config     // for connections to the master, or nil
	moved   func(from, to string)

	mu         sync.Mutex
	clients    map[string]*goredis.SentinelClient
	discovered time.Time
	master     string
	epoch      int64 // of the decision for master
	looked     time.Time
	moves      int
	conns      map[*masterConn]struct{}
}

// masterConn is a connection to a master. It embeds a TCPConn, because go-redis looks at
// its socket before it uses an idle connection.
type masterConn struct {
	*net.TCPConn
	at string
	of *sentinels
}

// Close forgets the connection, too.
func (c *masterConn) Close() error {
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	return c.TCPConn.Close()
}

func newSentinels(o *goredis.UniversalOptions) *sentinels {
	s := &sentinels{
		name: o.MasterName,
		tls:  o.TLSConfig,
		options: goredis.Options{
			Username: o.SentinelUsername, Password: o.SentinelPassword, TLSConfig: o.TLSConfig,
			DialTimeout: askTime, ReadTimeout: askTime, WriteTimeout: askTime, PoolTimeout: askTime,
			ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1, PoolSize: 2, DisableIdentity: true,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		},
		clients: map[string]*goredis.SentinelClient{},
		conns:   map[*masterConn]struct{}{},
	}
	for _, addr := range o.Addrs {
		s.add(addr)
	}
	return s
}

// add makes a client for a Sentinel. The caller holds mu, or is alone.
func (s *sentinels) add(addr string) {
	if s.clients[addr] == nil && len(s.clients) < maxSentinels {
		o := s.options
		o.Addr = addr
		s.clients[addr] = goredis.NewSentinelClient(&o)
	}
}

// generation counts the moves from one master to another.
func (s *sentinels) generation() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.moves
}

// dial connects to the master.
func (s *sentinels) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	s.mu.Lock()
	master, fresh := s.master, time.Since(s.looked) < checkEvery
	s.mu.Unlock()
	if !fresh {
		found, err := s.look(ctx)
		switch {
		case err == nil:
			master = found
		case master == "":
			return nil, err
		}
	}
	dialed, err := (&net.Dialer{Timeout: timeout}).DialContext(ctx, network, master)
	if err != nil {
		return nil, err
	}
	conn := &masterConn{dialed.(*net.TCPConn), master, s}
	s.mu.Lock()
	current := s.master == master
	if current {
		s.conns[conn] = struct{}{}
	}
	s.mu.Unlock()
	if !current {
		return nil, errors.Join(errMoved, conn.Close())
	}
	if s.tls == nil {
		return conn, nil
	}
	config := s.tls.Clone()
	config.ServerName, _, _ = net.SplitHostPort(master)
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

// decision is what a Sentinel says: the master, and the epoch in which it was chosen.
type decision struct {
	master string
	epoch  int64
	by     *goredis.SentinelClient
}

// look asks all Sentinels who the master is, and leaves the old one if there is another.
// The youngest decision counts. Without an answer the old master stays.
func (s *sentinels) look(ctx context.Context) (master string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	s.mu.Lock()
	answers := make(chan decision, len(s.clients))
	for _, client := range s.clients {
		go func() { answers <- s.ask(ctx, client) }() // ends with ctx
	}
	asked := len(s.clients)
	s.mu.Unlock()

	var best decision
	answered := 0
	for range asked {
		d := <-answers
		if d.master == "" {
			continue
		}
		answered++
		if best.master == "" || d.epoch > best.epoch {
			best = d
		}
	}
	if best.master == "" {
		return "", errNoSentinel
	}
	s.discover(ctx, best.by)

	s.mu.Lock()
	if best.epoch < s.epoch && 2*answered <= asked { // those who know better do not answer
		best.master, best.epoch = s.master, s.epoch
	}
	before := s.master
	s.master, s.epoch, s.looked = best.master, best.epoch, time.Now()
	var old []*masterConn
	for conn := range s.conns {
		if conn.at != s.master {
			old = append(old, conn)
		}
	}
	moved := before != "" && before != s.master
	if moved {
		s.moves++
	}
	tell := s.moved
	s.mu.Unlock()
	for _, conn := range old {
		conn.Close() // whoever uses it connects anew
	}
	if moved && tell != nil {
		tell(before, best.master)
	}
	return best.master, nil
}

// ask asks one Sentinel. It asks for the epoch first: while a failover goes on, an epoch
// may be older than the master that is named with it, which the next look corrects, but
// never younger.
func (s *sentinels) ask(ctx context.Context, client *goredis.SentinelClient) decision {
	state, err := client.Master(ctx, s.name).Result()
	if err != nil {
		return decision{}
	}
	epoch, _ := strconv.ParseInt(state["config-epoch"], 10, 64)
	addr, err := client.GetMasterAddrByName(ctx, s.name).Result()
	if err != nil || len(addr) != 2 {
		return decision{}
	}
	return decision{net.JoinHostPort(addr[0], addr[1]), epoch, client}
}

// discover adds the Sentinels that another one knows, at times.
func (s *sentinels) discover(ctx context.Context, client *goredis.SentinelClient) {
	s.mu.Lock()
	due := time.Since(s.discovered) >= discoverEvery
	s.mu.Unlock()
	if !due {
		return
	}
	others, err := client.Sentinels(ctx, s.name).Result()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discovered = time.Now()
	if err != nil {
		return // the next time
	}
	for _, other := range others {
		if other["ip"] != "" && other["port"] != "" {
			s.add(net.JoinHostPort(other["ip"], other["port"]))
		}
	}
}

func (s *sentinels) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, client := range s.clients {
		errs = append(errs, client.Close())
	}
	return errors.Join(errs...)
}

// followMaster asks once a second who the master is, until ctx ends.
func (b *Bus) followMaster(ctx context.Context) {
	s := b.client.sentinels
	s.mu.Lock()
	s.moved = func(from, to string) {
		b.log.Info("another redis server is the master", "before", from, "now", to)
		b.queue.put(lost, 0) // what this process has told the old one, others may not have heard
	}
	s.mu.Unlock()
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, _ = s.look(ctx) // without an answer the links tell whether the old one is there
	}
}
