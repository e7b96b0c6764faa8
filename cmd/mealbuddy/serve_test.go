package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMemoryIsLimitedUnlessTheEnvironmentSaysHow(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	cfg := config{PasswordMemory: 1024}
	limitMemory(cfg)
	assert.EqualValues(t, baseMemory+runtime.GOMAXPROCS(0)<<20, debug.SetMemoryLimit(-1))

	debug.SetMemoryLimit(1 << 40) // as GOMEMLIMIT does
	limitMemory(cfg)
	assert.EqualValues(t, 1<<40, debug.SetMemoryLimit(-1))
}
