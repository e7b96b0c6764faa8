package container

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
)

// life is the maximum lifetime of a container in seconds, in case the tests do not stop
// it.
const life = "3600"

func runPostgres(t testing.TB) (dsn string, end func() error, err error) {
	t.Helper()
	at := func(addr string) string { return "postgres://postgres@" + addr + "/postgres?sslmode=disable" }
	addr, end, err := runContainer(t, image("POSTGRES", "postgres:17-alpine"), "5432/tcp",
		func(addr string) error { return answersPostgres(at(addr)) },
		[]string{"docker-entrypoint.sh", "postgres", "-c", "max_connections=300", "-c", "fsync=off"},
		testcontainers.WithEnv(map[string]string{"POSTGRES_HOST_AUTH_METHOD": "trust"}),
		testcontainers.WithTmpfs(map[string]string{"/var/lib/postgresql/data": "rw"})) // the data need not survive the tests
	return at(addr), end, err
}

func runRedis(t testing.TB) (at string, end func() error, err error) {
	t.Helper()
	addr, end, err := runContainer(t, image("REDIS", "redis:7-alpine"), "6379/tcp", answersRedis,
		[]string{"docker-entrypoint.sh", "redis-server", "--save", ""})
	return "redis://" + addr, end, err
}

func image(name, standard string) string {
	if own := os.Getenv("MEALBUDDY_TEST_" + name + "_IMAGE"); own != "" {
		return own
	}
	return standard
}

// runContainer starts a container, logs its name, and waits until ready returns nil. The
// container runs until end is called or its life is over. It does not use
// testcontainers' reaper, whose image may not be available.
func runContainer(t testing.TB, image, port string, ready func(addr string) error, command []string, opts ...testcontainers.ContainerCustomizer) (addr string, end func() error, err error) {
	t.Helper()
	if err := docker(); err != nil {
		return "", nil, err
	}
	if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*patience) // the image may have to be pulled
	defer cancel()
	c, err := testcontainers.Run(ctx, image, append(opts,
		testcontainers.WithLogger(silence{}),
		testcontainers.WithExposedPorts(port),
		testcontainers.WithEntrypoint("timeout", life),
		testcontainers.WithCmd(command...),
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) { c.AutoRemove = true }),
	)...)
	end = func() error {
		if c == nil {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		soon := time.Second
		return c.Stop(ctx, &soon) // which also removes it
	}
	if err == nil {
		addr, err = c.PortEndpoint(ctx, port, "")
	}
	if err == nil {
		t.Logf("container %s of %s on %s", c.GetContainerID(), image, addr)
		err = await(nil, func() error { return ready(addr) })
	}
	if err != nil {
		if ended := end(); ended != nil {
			t.Logf("%s: %v", image, ended)
		}
		return "", nil, fmt.Errorf("run %s: %w", image, err)
	}
	return addr, end, nil
}

// silence discards the log of testcontainers.
type silence struct{}

func (silence) Printf(string, ...any) {}

// docker returns an error if no daemon answers. It is faster than the search of
// testcontainers.
func docker() error {
	host := os.Getenv("DOCKER_HOST")
	if host == "" {
		host = "unix:///var/run/docker.sock"
	}
	u, err := url.Parse(host)
	if err != nil {
		return fmt.Errorf("DOCKER_HOST: %w", err)
	}
	network, addr := u.Scheme, u.Host
	if network == "unix" {
		addr = u.Path
	} else {
		network = "tcp"
	}
	conn, err := net.DialTimeout(network, addr, time.Second)
	if err != nil {
		return fmt.Errorf("docker: %w", err)
	}
	return conn.Close()
}
