package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/agenda"
	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	// weatherTime bounds a request for the weather, finding the point of an address included.
	weatherTime = 3500 * time.Millisecond
	// suggestTime bounds a suggestion, the weather included.
	suggestTime = 19 * time.Second
)

// questions is the limit of a day in Korea. Each day has a key of its own, and the long
// period keeps a day's tokens from coming back before the day ends.
var questions = port.Limit{Burst: menu.DailyQuestions, Per: menu.DailyQuestions * 24 * time.Hour}

// Menus tells people the weather, and suggests what to eat in it.
type Menus struct {
	forecaster    port.Forecaster
	chef          port.Chef
	pantry        port.Chef
	places        port.Places
	quota         port.Quota
	conversations port.Conversations
	now           func() time.Time
}

// MenusConfig is what Menus works with.
type MenusConfig struct {
	Forecaster    port.Forecaster // nil if there is none
	Chef          port.Chef       // nil if there is none
	Pantry        port.Chef       // the fallback for Chef, which never fails
	Places        port.Places
	Quota         port.Quota
	Conversations port.Conversations
	Now           func() time.Time
}

// NewMenus makes the use cases of weather and menus.
func NewMenus(c MenusConfig) *Menus {
	return &Menus{
		forecaster:    c.Forecaster,
		chef:          c.Chef,
		pantry:        c.Pantry,
		places:        c.Places,
		quota:         c.Quota,
		conversations: c.Conversations,
		now:           c.Now,
	}
}

// HasWeather reports whether there is a weather service.
func (u *Menus) HasWeather() bool { return u.forecaster != nil }

// Suggested is a suggestion, and the weather that it was made for.
type Suggested struct {
	menu.Suggestion
	Weather   *menu.Forecast // nil where it is not known
	Remaining int            // questions left today
}

// Weather tells the weather at a point, or at the own address if that is nil.
func (u *Menus) Weather(ctx context.Context, me user.State, at *place.Point) (menu.Forecast, error) {
	if u.forecaster == nil {
		return menu.Forecast{}, fault.After(menu.ErrNoForecast, time.Hour)
	}
	ctx, cancel := context.WithTimeout(ctx, weatherTime)
	defer cancel()
	if at != nil {
		return u.forecaster.Forecast(ctx, *at)
	}
	home, err := u.places.Point(ctx, me.Neighborhood)
	switch {
	case errors.Is(err, place.ErrNotFound):
		return menu.Forecast{}, menu.ErrNoPlace
	case err != nil:
		return menu.Forecast{}, fmt.Errorf("%w (%w)", menu.ErrForecastAway, err)
	}
	f, err := u.forecaster.Forecast(ctx, home)
	if errors.Is(err, menu.ErrOffGrid) {
		return menu.Forecast{}, menu.ErrNoPlace
	}
	f.Place = string(me.Neighborhood)
	return f, err
}

// Suggest suggests what to eat now. It is a question like Ask.
func (u *Menus) Suggest(ctx context.Context, me user.State, at *place.Point) (Suggested, error) {
	return u.answer(ctx, me, "", at)
}

// Ask suggests what to eat by what people say, within the conversation so far.
func (u *Menus) Ask(ctx context.Context, me user.State, message string, at *place.Point) (Suggested, error) {
	words, err := menu.ParseMessage(message)
	if err != nil {
		return Suggested{}, err
	}
	return u.answer(ctx, me, words, at)
}

// Forget ends the conversation. Questions that were asked stay counted.
func (u *Menus) Forget(ctx context.Context, me user.State) error {
	return u.conversations.Forget(ctx, me.ID)
}

// Withdraw handles a Withdrawal: the conversation goes with the account.
func (u *Menus) Withdraw(ctx context.Context, item agenda.Item) error {
	who, _, err := parseWithdrawal(item.Key)
	if err != nil {
		return err
	}
	return u.conversations.Forget(ctx, who)
}

// answer counts a question before it is answered, so that questions in parallel can't
// exceed the limit. It takes the count back if the answer fails, but not if the client
// disconnects while the chef works.
func (u *Menus) answer(ctx context.Context, me user.State, words string, at *place.Point) (s Suggested, err error) {
	now := u.now()
	key := fmt.Sprintf("menu %d %s", me.ID, menu.Day(now))
	taken, err := u.quota.Take(ctx, key, questions, 1)
	if err != nil {
		return Suggested{}, err
	}
	if !taken.OK {
		return Suggested{}, fault.After(menu.ErrQuota, menu.Tomorrow(now).Sub(now))
	}
	defer func() {
		if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
			_, back := u.quota.Take(context.WithoutCancel(ctx), key, questions, -1)
			err = errors.Join(err, back)
		}
	}()

	craving := menu.Craving{At: now, Words: words}
	soon, cancel := context.WithTimeout(ctx, suggestTime)
	defer cancel()
	switch f, err := u.Weather(soon, me, at); {
	case err == nil:
		craving.Weather = &f
	case errors.Is(err, menu.ErrOffGrid):
		return Suggested{}, err
	}
	if craving.Turns, err = u.conversations.Turns(ctx, me.ID); err != nil {
		return Suggested{}, err
	}
	suggestion, err := u.cook(soon, craving)
	if err != nil {
		return Suggested{}, err
	}
	if err := ctx.Err(); err != nil {
		return Suggested{}, err
	}
	if err := u.conversations.Add(ctx, me.ID, menu.Turn{Words: words, Dishes: suggestion.Dishes}, menu.Over(now)); err != nil {
		return Suggested{}, err
	}
	return Suggested{suggestion, craving.Weather, taken.Remaining}, nil
}

// cook falls back on the pantry if there is no chef or it fails.
func (u *Menus) cook(ctx context.Context, c menu.Craving) (menu.Suggestion, error) {
	if u.chef != nil {
		if s, err := u.chef.Suggest(ctx, c); err == nil {
			return s, nil
		}
	}
	return u.pantry.Suggest(ctx, c)
}
