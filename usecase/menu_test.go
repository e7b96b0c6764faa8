package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/inproc"
	"github.com/Group-buying-service/mealbuddy/adapter/pantry"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

// sky is a Forecaster that says what it is told to.
type sky struct {
	err error
	at  []place.Point
}

func (s *sky) Forecast(ctx context.Context, at place.Point) (menu.Forecast, error) {
	s.at = append(s.at, at)
	if s.err != nil {
		return menu.Forecast{}, s.err
	}
	celsius := 6.0
	return menu.Forecast{Rain: menu.Raining, Temperature: &celsius}, ctx.Err()
}

// cook is a Chef that remembers what it was asked.
type cook struct {
	mu    sync.Mutex
	err   error
	asked []menu.Craving
	left  time.Duration // that it had at least
	do    func(ctx context.Context)
}

func (c *cook) Suggest(ctx context.Context, craving menu.Craving) (menu.Suggestion, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, craving)
	if end, bounded := ctx.Deadline(); bounded {
		c.left = time.Until(end)
	}
	if c.do != nil {
		c.do(ctx)
	}
	if c.err != nil {
		return menu.Suggestion{}, c.err
	}
	n := len(c.asked)
	s := menu.Suggestion{Source: menu.OpenAI}
	for i := range menu.Served {
		s.Dishes = append(s.Dishes, menu.Dish{Name: fmt.Sprintf("메뉴 %d-%d", n, i), Category: "분식", Reason: "점심에 좋아요."})
	}
	return s, nil
}

// kitchen is the menus of somebody in Jongno, a little after noon in Korea.
type kitchen struct {
	*testing.T
	*usecase.Menus
	usecase.MenusConfig
	*clock
	sky  *sky
	cook *cook
	me   user.State
}

func newKitchen(t *testing.T) *kitchen {
	k := &kitchen{T: t, clock: &clock{at: time.Date(2026, 11, 27, 12, 30, 0, 0, menu.Seoul).UTC()}, sky: &sky{}, cook: &cook{}}
	k.me = user.State{ID: 7, Neighborhood: jongno}
	k.MenusConfig = usecase.MenusConfig{
		Forecaster: k.sky, Chef: k.cook, Pantry: pantry.Chef{Chance: rand.Float64},
		Places: usecase.NewRegions(nil),
		Quota:  inproc.NewQuota(k.now), Conversations: inproc.NewConversations(k.now), Now: k.now,
	}
	k.build()
	return k
}

// build makes the use cases of what the kitchen has now.
func (k *kitchen) build() { k.Menus = usecase.NewMenus(k.MenusConfig) }

func (k *kitchen) suggest() usecase.Suggested {
	k.Helper()
	s, err := k.Suggest(k.Context(), k.me, nil)
	require.NoError(k, err)
	require.Len(k, s.Dishes, menu.Served)
	return s
}

func (k *kitchen) ask(words string) usecase.Suggested {
	k.Helper()
	s, err := k.Ask(k.Context(), k.me, words, nil)
	require.NoError(k, err)
	require.Len(k, s.Dishes, menu.Served)
	return s
}

// last is what the cook was asked last.
func (k *kitchen) last() menu.Craving { return k.cook.asked[len(k.cook.asked)-1] }

var busan = place.Point{Lat: 35.1796, Lon: 129.0756}

func TestWeather(t *testing.T) {
	k := newKitchen(t)
	f, err := k.Weather(t.Context(), k.me, &busan)
	require.NoError(t, err)
	assert.Empty(t, f.Place)
	assert.Equal(t, busan, k.sky.at[0])

	f, err = k.Weather(t.Context(), k.me, nil)
	require.NoError(t, err)
	assert.Equal(t, jongno, f.Place)
	assert.InDelta(t, 37.57, k.sky.at[1].Lat, 0.1, "the middle of Jongno")

	k.me.Neighborhood = "아틀란티스 어딘가"
	_, err = k.Weather(t.Context(), k.me, nil)
	assert.ErrorIs(t, err, menu.ErrNoPlace)
	k.sky.err = menu.ErrOffGrid
	_, err = k.Weather(t.Context(), k.me, &busan)
	assert.ErrorIs(t, err, menu.ErrOffGrid)
	k.Forecaster = nil
	k.build()
	_, err = k.Weather(t.Context(), k.me, &busan)
	assert.ErrorIs(t, err, menu.ErrNoForecast)
}

// lost is a Places that cannot be reached.
type lost struct{ port.Places }

func (lost) Point(ctx context.Context, _ user.Neighborhood) (place.Point, error) {
	<-ctx.Done()
	return place.Point{}, ctx.Err()
}

func TestWeatherIsNotWaitedFor(t *testing.T) {
	k := newKitchen(t)
	k.Places = lost{}
	k.build()
	began := time.Now()
	_, err := k.Weather(t.Context(), k.me, nil)
	assert.ErrorIs(t, err, menu.ErrForecastAway)
	assert.Less(t, time.Since(began), 4*time.Second)
}

func TestSuggest(t *testing.T) {
	k := newKitchen(t)
	s := k.suggest()
	assert.Equal(t, menu.OpenAI, s.Source)
	assert.Equal(t, menu.DailyQuestions-1, s.Remaining)
	require.NotNil(t, s.Weather)
	assert.Equal(t, s.Weather, k.last().Weather)
	assert.Greater(t, k.cook.left, 18*time.Second)
	assert.LessOrEqual(t, k.cook.left, 20*time.Second)
}

func TestSuggestWithoutWeather(t *testing.T) {
	for name, err := range map[string]error{
		"away":          menu.ErrForecastAway,
		"of our own":    errors.New("oops"),
		"of no address": place.ErrNotFound,
	} {
		k := newKitchen(t)
		k.sky.err = err
		assert.Nil(t, k.suggest().Weather, name)
	}
	k := newKitchen(t)
	k.Forecaster = nil
	k.build()
	assert.Nil(t, k.suggest().Weather)
	k.me.Neighborhood = "아틀란티스 어딘가"
	assert.Nil(t, k.suggest().Weather)
}

func TestThePantryStepsIn(t *testing.T) {
	k := newKitchen(t)
	k.cook.err = errors.New("no model")
	s := k.suggest()
	assert.Equal(t, menu.Pantry, s.Source)
	assert.Equal(t, menu.DailyQuestions-1, s.Remaining, "it is an answer")
	k.Chef = nil
	k.build()
	assert.Equal(t, menu.Pantry, k.ask("안 매운 거").Source)
}

func TestAConversation(t *testing.T) {
	k := newKitchen(t)
	first := k.suggest()
	k.ask("  국물 있는 거 ")
	assert.Equal(t, "국물 있는 거", k.last().Words)
	assert.Equal(t, []menu.Turn{{Dishes: first.Dishes}}, k.last().Turns)
	k.ask("안 매운 거")
	require.Len(t, k.last().Turns, 2)
	assert.Equal(t, "국물 있는 거", k.last().Turns[1].Words)

	k.me.ID++
	k.suggest()
	assert.Empty(t, k.last().Turns, "of somebody else")
	k.me.ID--

	require.NoError(t, k.Forget(t.Context(), k.me))
	assert.Equal(t, menu.DailyQuestions-4, k.suggest().Remaining, "what was asked stays counted")
	assert.Empty(t, k.last().Turns)
}

func TestAConversationEnds(t *testing.T) {
	k := newKitchen(t)
	k.suggest()
	k.later(3*time.Hour + 59*time.Minute)
	k.suggest()
	assert.Len(t, k.last().Turns, 1)
	k.later(4 * time.Hour)
	k.suggest()
	assert.Empty(t, k.last().Turns, "after four hours of silence")
	k.later(4 * time.Hour) // 00:29, and again
	k.suggest()
	k.later(3*time.Hour + 30*time.Minute) // 03:59
	k.suggest()
	assert.Len(t, k.last().Turns, 1)
	k.later(2 * time.Minute)
	k.suggest()
	assert.Empty(t, k.last().Turns, "at four in the morning")
}

func TestQuestionsOfADay(t *testing.T) {
	k := newKitchen(t)
	for left := menu.DailyQuestions - 1; left >= 0; left-- {
		var s usecase.Suggested
		if left%2 == 0 {
			s = k.suggest()
		} else {
			s = k.ask("밥")
		}
		assert.Equal(t, left, s.Remaining)
		k.later(time.Minute)
	}
	asked := len(k.cook.asked)
	for _, d := range []time.Duration{0, 6 * time.Hour, 5*time.Hour + 18*time.Minute} { // 12:40, 18:40, 23:58
		k.later(d)
		_, err := k.Suggest(t.Context(), k.me, nil)
		require.ErrorIs(t, err, menu.ErrQuota)
		wait, told := errors.AsType[*fault.Wait](err)
		require.True(t, told)
		assert.InDelta(t, menu.Tomorrow(k.now()).Sub(k.now()), wait.For, float64(10*time.Second)) // the clock goes on
	}
	assert.Len(t, k.cook.asked, asked, "nobody was asked")
	k.me.ID++
	assert.Equal(t, menu.DailyQuestions-1, k.suggest().Remaining, "somebody else has questions of their own")
	k.me.ID--
	k.later(2 * time.Minute) // midnight in Korea
	assert.Equal(t, menu.DailyQuestions-1, k.suggest().Remaining)
}

func TestACrowdHasNoMoreQuestions(t *testing.T) {
	k := newKitchen(t)
	k.Forecaster = nil // this one is not made for a crowd
	k.build()
	var crowd sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	for range 50 {
		crowd.Go(func() {
			_, err := k.Suggest(t.Context(), k.me, nil)
			if err == nil {
				mu.Lock()
				answered++
				mu.Unlock()
				return
			}
			assert.ErrorIs(t, err, menu.ErrQuota)
		})
	}
	crowd.Wait()
	assert.Equal(t, menu.DailyQuestions, answered)
}

// forgetful is a Conversations that fails.
type forgetful struct{ port.Conversations }

func (forgetful) Turns(context.Context, user.ID) ([]menu.Turn, error) { return nil, errTorn }

func TestFailedQuestionsAreGivenBack(t *testing.T) {
	k := newKitchen(t)
	for range menu.DailyQuestions + 5 {
		k.sky.err = menu.ErrOffGrid
		_, err := k.Suggest(t.Context(), k.me, &busan)
		require.ErrorIs(t, err, menu.ErrOffGrid)
		_, err = k.Ask(t.Context(), k.me, " ", nil)
		require.ErrorIs(t, err, menu.ErrMessageMissing)
	}
	k.sky.err = nil
	memory := k.Conversations
	k.Conversations = forgetful{}
	k.build()
	_, err := k.Suggest(t.Context(), k.me, nil)
	require.ErrorIs(t, err, errTorn)
	k.Conversations = memory
	k.build()
	assert.Equal(t, menu.DailyQuestions-1, k.suggest().Remaining)
}

func TestWhoLeavesHasHadTheQuestion(t *testing.T) {
	k := newKitchen(t)
	ctx, leave := context.WithCancel(t.Context())
	k.cook.do = func(ctx context.Context) { leave(); <-ctx.Done() }
	k.cook.err = context.Canceled
	_, err := k.Suggest(ctx, k.me, nil)
	require.ErrorIs(t, err, context.Canceled)
	k.cook.do, k.cook.err = nil, nil
	assert.Equal(t, menu.DailyQuestions-2, k.suggest().Remaining)
	assert.Empty(t, k.last().Turns, "and not the answer")
}

func TestAQuestionThatTheServerHasNoTimeForIsGivenBack(t *testing.T) {
	k := newKitchen(t)
	over, end := context.WithTimeout(t.Context(), time.Nanosecond)
	defer end()
	<-over.Done()
	_, err := k.Suggest(over, k.me, nil)
	require.Error(t, err)
	assert.Equal(t, menu.DailyQuestions-1, k.suggest().Remaining)
}
