package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

var (
	errFull   = fault.New(fault.Conflict, "recruitment_closed", "자리가 모두 찼어요.")
	errClosed = fault.New(fault.Conflict, "recruitment_closed", "모집이 끝난 글이에요.")
)

func TestOf(t *testing.T) {
	tests := []struct {
		name string
		err  error
		kind fault.Kind
		code string
	}{
		{"nothing", nil, fault.Internal, "internal"},
		{"an error that is no refusal", io.EOF, fault.Internal, "internal"},
		{"a wrapped error that is no refusal", fmt.Errorf("save: %w", io.EOF), fault.Internal, "internal"},
		{"a refusal", errFull, fault.Conflict, "recruitment_closed"},
		{"a wrapped refusal", fmt.Errorf("join: %w", errFull), fault.Conflict, "recruitment_closed"},
		{"a refusal wrapped twice", fmt.Errorf("a: %w", fmt.Errorf("b: %w", errFull)), fault.Conflict, "recruitment_closed"},
		{"a refusal among others", errors.Join(io.EOF, errFull), fault.Conflict, "recruitment_closed"},
		{"the first of two refusals", errors.Join(fault.New(fault.Gone, "gone", ""), errFull), fault.Gone, "gone"},
		{"fields", fault.Field("title", "why"), fault.Invalid, "invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := fault.Of(tt.err)
			require.NotNil(t, got)
			assert.Equal(t, tt.kind, got.Kind)
			assert.Equal(t, tt.code, got.Code)
		})
	}
}

func TestRefusalsWithOneCodeAreDistinct(t *testing.T) {
	assert.NotErrorIs(t, errFull, errClosed)
	assert.ErrorIs(t, errFull, errFull)
	assert.ErrorIs(t, fmt.Errorf("join: %w", errFull), errFull)
	assert.NotErrorIs(t, fmt.Errorf("join: %w", errFull), errClosed)
	assert.NotErrorIs(t, fault.New(fault.Gone, "a", "b"), fault.New(fault.Gone, "a", "b"))
	assert.Same(t, errClosed, fault.Of(fmt.Errorf("join: %w", errClosed)))
}

func TestErrorSaysCodeAndDetail(t *testing.T) {
	assert.EqualError(t, errFull, "recruitment_closed: 자리가 모두 찼어요.")
}

func TestAnInternalErrorTellsNothingOfItsCause(t *testing.T) {
	assert.NotContains(t, fault.Of(errors.New("disk /dev/sda")).Error(), "disk")
}

func TestFieldsGiveOneError(t *testing.T) {
	t.Run("none is no error", func(t *testing.T) {
		require.NoError(t, fault.Fields{}.Err())
		require.NoError(t, fault.Fields(nil).Err())
		assert.True(t, fault.Fields{}.Err() == nil, "a nil that is not equal to nil")
	})
	t.Run("all of them", func(t *testing.T) {
		f := fault.Fields{}
		f.Add("title", "one")
		f.Add("title", "two")
		f.Add("content", "three")
		got := fault.Of(f.Err())
		assert.Equal(t, fault.Invalid, got.Kind)
		assert.Equal(t, "invalid", got.Code)
		assert.NotEmpty(t, got.Detail)
		assert.Equal(t, fault.Fields{"title": {"one", "two"}, "content": {"three"}}, got.Fields)
	})
	t.Run("later fields do not change it", func(t *testing.T) {
		f := fault.Fields{"title": {"one"}}
		err := f.Err()
		f.Add("title", "two")
		f.Add("content", "three")
		assert.Equal(t, fault.Fields{"title": {"one"}}, fault.Of(err).Fields)
	})
	t.Run("of one field", func(t *testing.T) {
		assert.Equal(t, fault.Fields{"email": {"taken"}}, fault.Of(fault.Field("email", "taken")).Fields)
	})
}

func TestMergeKeepsWhatWasSaidFirst(t *testing.T) {
	tests := []struct {
		name           string
		f, other, want fault.Fields
	}{
		{"nothing with nothing", fault.Fields{}, nil, fault.Fields{}},
		{"something with nothing", fault.Fields{"a": {"1"}}, nil, fault.Fields{"a": {"1"}}},
		{"nothing with something", fault.Fields{}, fault.Fields{"a": {"1", "2"}}, fault.Fields{"a": {"1", "2"}}},
		{"other fields", fault.Fields{"a": {"1"}}, fault.Fields{"b": {"2"}}, fault.Fields{"a": {"1"}, "b": {"2"}}},
		{"the same field", fault.Fields{"a": {"1"}}, fault.Fields{"a": {"2"}, "b": {"3"}}, fault.Fields{"a": {"1"}, "b": {"3"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.Merge(tt.other)
			assert.Equal(t, tt.want, tt.f)
		})
	}
}

func TestFieldsAreNamedByPaths(t *testing.T) {
	tier := fault.Fields{"fee": {"1", "2"}, "least": {"3"}}
	order := fault.Fields{"note": {"4"}}
	order.Merge(tier.Under(fault.Item("fee_tiers", 2)))
	order.Add(fault.Item("lines", 10), "5")
	assert.Equal(t, fault.Fields{
		"order.note":               {"4"},
		"order.fee_tiers[2].fee":   {"1", "2"},
		"order.fee_tiers[2].least": {"3"},
		"order.lines[10]":          {"5"},
	}, order.Under("order"))
	assert.Equal(t, fault.Fields{"fee": {"1", "2"}, "least": {"3"}}, tier, "the parts keep their own names")
	assert.NoError(t, fault.Fields(nil).Under("order").Err())
}

func TestAfter(t *testing.T) {
	err := fmt.Errorf("ask: %w", fault.After(errFull, time.Minute))
	assert.ErrorIs(t, err, errFull)
	assert.Equal(t, fault.Conflict, fault.Of(err).Kind)
	wait, told := errors.AsType[*fault.Wait](err)
	require.True(t, told)
	assert.Equal(t, time.Minute, wait.For)
}
