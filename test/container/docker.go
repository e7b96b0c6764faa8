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
	"github.com/testcontainers/testcontainers-go/wait"
)

// life is how long a container lasts if the tests end without ending it.
const life = "3600"

func runPostgres(t testing.TB) (dsn string, end func() error, err error) {
	t.Helper()
	addr, end, err := runContainer(t, image("POSTGRES", "postgres:17-alpine"), "5432/tcp",
		[]string{"docker-entrypoint.sh", "postgres", "-c", "max_connections=300"},
		testcontainers.WithEnv(map[string]string{"POSTGRES_HOST_AUTH_METHOD": "trust"}),
		testcontainers.WithWaitStrategyAndDeadline(patience,
			wait.ForLog("database system is ready to accept connections").WithOccurrence(2), // the first is only to set it up
			wait.ForListeningPort("5432/tcp")),
	)
	return "postgres://postgres@" + addr + "/postgres?sslmode=disable", end, err
}

func runRedis(t testing.TB) (at string, end func() error, err error) {
	t.Helper()
	addr, end, err := runContainer(t, image("REDIS", "redis:7-alpine"), "6379/tcp",
		[]string{"docker-entrypoint.sh", "redis-server", "--save", ""},
		testcontainers.WithWaitStrategyAndDeadline(patience, wait.ForListeningPort("6379/tcp")),
	)
	return "redis://" + addr, end, err
}

func image(name, standard string) string {
	if own := os.Getenv("MEALBUDDY_TEST_" + name + "_IMAGE"); own != "" {
		return own
	}
	return standard
}

// runContainer starts a container and says in the test's log which. It ends by
// end, or by itself some day: nothing watches over it, since the image that would
// may not be there to be had.
func runContainer(t testing.TB, image, port string, command []string, opts ...testcontainers.ContainerCustomizer) (addr string, end func() error, err error) {
	t.Helper()
	if err := docker(); err != nil {
		return "", nil, err
	}
	if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*patience)
	defer cancel()
	opts = append(opts,
		testcontainers.WithLogger(silence{}),
		testcontainers.WithExposedPorts(port),
		testcontainers.WithEntrypoint("timeout", life),
		testcontainers.WithCmd(command...),
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) { c.AutoRemove = true }),
	)
	c, err := testcontainers.Run(ctx, image, opts...)
	end = func() error {
		if c == nil {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return c.Terminate(ctx, testcontainers.StopTimeout(time.Second))
	}
	if err == nil {
		addr, err = c.PortEndpoint(ctx, port, "")
	}
	if err != nil {
		if ended := end(); ended != nil {
			t.Logf("%s: %v", image, ended)
		}
		return "", nil, fmt.Errorf("run %s: %w", image, err)
	}
	t.Logf("container %s of %s on %s", c.GetContainerID(), image, addr)
	return addr, end, nil
}

// silence is for what testcontainers would say of every step.
type silence struct{}

func (silence) Printf(string, ...any) {}

// docker tells whether a daemon answers, before testcontainers looks for one at
// length.
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
