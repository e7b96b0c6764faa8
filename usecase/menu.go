package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

const (
	// lookOut is how long the weather may take, the point of an address included.
	lookOut = 3500 * time.Millisecond
	// cooking is how long a suggestion may take, the weather included.
	cooking = 19 * time.Second
)

// questions are counted by days of Korea: what was taken of one does not come
// back before the next, which has a key of its own.
var questions = port.Limit{Burst: menu.DailyQuestions, Per: menu.DailyQuestions * 24 * time.Hour}

// Menus tells people the weather, and suggests what to eat in it.
type Menus struct {
	Forecaster    port.Forecaster // nil if there is none
	Chef          port.Chef       // nil if there is none
	Pantry        port.Chef       // steps in for Chef, and never fails
	Places        port.Places
	Quota         port.Quota
	Conversations port.Conversations
	Now           func() time.Time
}

// Suggested is a suggestion, and what it was made of.
type Suggested struct {
	menu.Suggestion
	Weather   *menu.Forecast // nil where it is not known
	Remaining int            // questions left today
}

// Weather tells the weather at a point, or at the own address if that is nil.
func (u *Menus) Weather(ctx context.Context, me user.State, at *place.Point) (menu.Forecast, error) {
	if u.Forecaster == nil {
		return menu.Forecast{}, fault.After(menu.ErrNoForecast, time.Hour)
	}
	ctx, cancel := context.WithTimeout(ctx, lookOut)
	defer cancel()
	if at != nil {
		return u.Forecaster.Forecast(ctx, *at)
	}
	home, err := u.Places.Point(ctx, me.Neighborhood)
	switch {
	case errors.Is(err, place.ErrNotFound):
		return menu.Forecast{}, menu.ErrNoPlace
	case err != nil:
		return menu.Forecast{}, fmt.Errorf("%w (%w)", menu.ErrForecastAway, err)
	}
	f, err := u.Forecaster.Forecast(ctx, home)
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
	return u.Conversations.Forget(ctx, me.ID)
}

// answer counts a question before it is answered, so that many at once are no
// more than are allowed, and not at all if that fails. Who leaves while a chef is
// at work has had it.
func (u *Menus) answer(ctx context.Context, me user.State, words string, at *place.Point) (s Suggested, err error) {
	now := u.Now()
	key := fmt.Sprintf("menu %d %s", me.ID, menu.Day(now))
	taken, err := u.Quota.Take(ctx, key, questions, 1)
	if err != nil {
		return Suggested{}, err
	}
	if !taken.OK {
		return Suggested{}, fault.After(menu.ErrQuota, menu.Tomorrow(now).Sub(now))
	}
	defer func() {
		if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
			_, back := u.Quota.Take(context.WithoutCancel(ctx), key, questions, -1)
			err = errors.Join(err, back)
		}
	}()

	craving := menu.Craving{At: now, Words: words}
	soon, cancel := context.WithTimeout(ctx, cooking)
	defer cancel()
	switch f, err := u.Weather(soon, me, at); {
	case err == nil:
		craving.Weather = &f
	case errors.Is(err, menu.ErrOffGrid):
		return Suggested{}, err
	}
	if craving.Turns, err = u.Conversations.Turns(ctx, me.ID); err != nil {
		return Suggested{}, err
	}
	suggestion, err := u.cook(soon, craving)
	if err != nil {
		return Suggested{}, err
	}
	if err := ctx.Err(); err != nil {
		return Suggested{}, err
	}
	if err := u.Conversations.Add(ctx, me.ID, menu.Turn{Words: words, Dishes: suggestion.Dishes}, menu.Over(now)); err != nil {
		return Suggested{}, err
	}
	return Suggested{suggestion, craving.Weather, taken.Remaining}, nil
}

// cook leaves it to the pantry if there is no chef, or none that answers.
func (u *Menus) cook(ctx context.Context, c menu.Craving) (menu.Suggestion, error) {
	if u.Chef != nil {
		if s, err := u.Chef.Suggest(ctx, c); err == nil {
			return s, nil
		}
	}
	return u.Pantry.Suggest(ctx, c)
}
