package httpapi

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/menu"
	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/place"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/usecase"
)

func TestWireNames(t *testing.T) {
	for path, want := range map[string]string{
		"seats":                  "target_number",
		"title":                  "title",
		"order.fee_tiers[2].fee": "order.fee_tiers[2].fee",
		"order.seats":            "order.seats", // another field
		"seatsize":               "seatsize",
		"seats_again":            "seats_again",
		"neighborhood.dong":      "address.dong",
		"words[3]":               "q[3]",
		"words[3].of[0]":         "q[3].of[0]",
		"new_password":           "new_password1",
		"new_password_again":     "new_password2",
		"":                       "",
		".":                      ".",
		"[0]":                    "[0]",
	} {
		assert.Equal(t, want, wireName(path), path)
	}
	assert.Equal(t, fault.Fields{"target_number": {"1", "2"}, "title": {"3"}}, onWire(fault.Fields{"seats": {"1", "2"}, "title": {"3"}}))
	assert.Empty(t, onWire(nil))

	names := slices.Sorted(maps.Values(wireNames))
	assert.Equal(t, names, slices.Compact(slices.Clone(names)), "two fields share a name")
	for _, name := range names {
		assert.Equal(t, name, wireName(name), "a name is replaced twice")
	}
}

func TestATypeComesBeforeTheRulesOfTheSameField(t *testing.T) {
	f, err := read("application/json", `{"target_number":"eight"}`)
	require.NoError(t, err)
	assert.Nil(t, f.seats())
	err = f.refuse(fault.Fields{"seats": {"a rule"}, "title": {"another rule"}})
	assert.Equal(t, fault.Fields{"target_number": {"숫자로 입력해 주세요."}, "title": {"another rule"}}, fault.Of(err).Fields)
}

// What the domain and the use cases refuse of a request bears the name of a field
// that openapi.yaml describes for that request.
func TestRefusedFieldsAreThoseOfTheRequest(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../openapi.yaml")
	require.NoError(t, err)

	none, noSeats := "", 0
	holder := user.State{PasswordHash: "a hash"}
	_, noSignIn := new(usecase.Accounts).SignIn(t.Context(), "", "", signin.Origin{})
	noPassword := new(usecase.Accounts).Withdraw(t.Context(), usecase.Me{State: holder}, "", signin.Origin{})
	_, noWords := new(usecase.Regions).Search("")
	_, noCategory := party.ParseCategory("?")

	used := map[string]bool{}
	for route, errs := range map[string][]error{
		"POST /api/user/register/":       {user.Registration{}.Problems().Err(), user.ErrEmailTaken, user.ErrNameTaken},
		"POST /api/user/social/pending/": {user.Registration{}.ProfileProblems().Err(), user.ErrEmailTaken, user.ErrNameTaken},
		"POST /api/user/login/":          {noSignIn},
		"POST /api/user/update/":         {user.Restore(holder).Edit(&none, &none), user.ErrNameTaken},
		"POST /api/user/changepassword/": {user.Restore(holder).Problems(user.PasswordChange{}).Err(), user.ErrWrongCurrent},
		"POST /api/user/delete/":         {noPassword, user.ErrWrongPassword},
		"GET /api/post/":                 {noCategory},
		"POST /api/post/write/":          {party.Draft{}.Problems().Err()},
		"POST /api/post/detail/{id}/edit/": {
			party.Change{Title: &none, Category: &none, Content: &none, Seats: &noSeats}.Problems().Err(), party.ErrTooFewSeats,
			fault.Field("closed", "what no rule refuses yet"),
		},
		"POST /api/chat/{id}/user/ban/":  {party.ErrBanLeader},
		"GET /api/region/search/":        {noWords},
		"GET /api/region/near/":          {place.Point{Lat: 91, Lon: 181}.Check()},
		"GET /api/openAPI/weather/":      {menu.ErrNoPlace, menu.ErrOffGrid},
		"GET /api/openAPI/foodchoicer/":  {menu.ErrOffGrid},
		"POST /api/openAPI/foodchoicer/": {menu.ErrOffGrid, menu.ErrMessageMissing, menu.ErrMessageLong},
	} {
		known := described(t, doc, route)
		for _, err := range errs {
			fields := fault.Of(err).Fields
			assert.NotEmpty(t, fields, "%s: %v", route, err)
			for path := range fields {
				used[path] = true
				assert.Contains(t, known, wireName(path), "%s: %s", route, path)
			}
		}
	}
	for path := range wireNames {
		assert.True(t, used[path], "no request has %s", path)
	}
}

// described lists the parameters, and the fields of the body, that doc has for a
// route.
func described(t *testing.T, doc *openapi3.T, route string) (names []string) {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	require.NotNil(t, doc.Paths.Value(path), route)
	operation := doc.Paths.Value(path).GetOperation(method)
	require.NotNil(t, operation, route)
	for _, p := range operation.Parameters {
		names = append(names, p.Value.Name)
	}
	if operation.RequestBody != nil {
		names = slices.AppendSeq(names, maps.Keys(operation.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties))
	}
	return names
}
