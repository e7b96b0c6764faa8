package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMemoryIsTunedUnlessTheEnvironmentSaysHow(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	cfg := config{PasswordMemory: 1024}
	t.Setenv("GOGC", "")
	tuneMemory(cfg)
	assert.EqualValues(t, baseMemory+runtime.GOMAXPROCS(0)<<20, debug.SetMemoryLimit(-1))
	assert.Equal(t, gcPercent, debug.SetGCPercent(50))

	debug.SetMemoryLimit(1 << 40) // as GOMEMLIMIT does
	t.Setenv("GOGC", "50")
	tuneMemory(cfg)
	assert.EqualValues(t, 1<<40, debug.SetMemoryLimit(-1))
	assert.Equal(t, 50, debug.SetGCPercent(50))
}
