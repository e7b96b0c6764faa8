package httpapi

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/domain/user"
	"github.com/Group-buying-service/mealbuddy/port"
)

func TestAccounts(t *testing.T) {
	s := newSite(t)
	// own takes the token out of an account, and expects the rest.
	own := func(v any, name string) (token string) {
		t.Helper()
		account := maps.Clone(v.(object))
		token, _ = account["token"].(string)
		delete(account, "token")
		delete(account, "user")
		assert.Equal(t, object{"id": 1.0, "email": "test@test.com", "username": name, "address": "제주특별자치도 제주시 용담이동", "address_official": true}, account)
		return token
	}
	register := `{"email": "test@test.com", "username": "test", "password": "test1234", "password2": "test1234", "address": "제주특별자치도 제주시 용담이동",}`

	ann := someone{1, own(s.ask(nobody, "POST", "/api/user/register/", register).json(201)["user"], "test")}
	assert.ElementsMatch(t, []string{"email", "username"}, s.ask(nobody, "POST", "/api/user/register/", register).refused(400, "invalid"))
	assert.ElementsMatch(t, []string{"email", "username", "password", "password2", "address"},
		s.ask(nobody, "POST", "/api/user/register/", `{}`).refused(400, "invalid"))
	assert.ElementsMatch(t, []string{"email", "username", "password", "password2", "address"},
		s.ask(nobody, "POST", "/api/user/register/", `{"email":1,"username":null,"password":["test1234"],"password2":"x\u0000","address":{}}`).refused(400, "invalid"),
		"types and rules at once")
	s.ask(nobody, "POST", "/api/user/register/", "{").refused(400, "malformed_body")

	s.ask(nobody, "POST", "/api/user/login/", `{"email":"test@test.com","password":"test1234"}`).json(200)
	var same string
	for i, body := range []string{
		`{"email":"test@test.com","password":"test12345"}`, `{"email":"nobody@test.com","password":"test1234"}`, `{"email":"test","password":"test1234"}`,
	} {
		a := s.ask(nobody, "POST", "/api/user/login/", body)
		a.refused(401, "invalid_credentials")
		text := a.Body.String()
		id := a.Header().Get("X-Request-Id")
		text = text[:len(text)-len(id)-3]
		if i == 0 {
			same = text
		}
		assert.Equal(t, same, text)
	}
	assert.ElementsMatch(t, []string{"email", "password"}, s.ask(nobody, "POST", "/api/user/login/", `{"email":1,"password":2}`).refused(400, "invalid"))
	assert.ElementsMatch(t, []string{"email", "password"}, s.ask(nobody, "POST", "/api/user/login/", `{}`).refused(400, "invalid"))
	s.ask(nobody, "POST", "/api/user/login/", `[]`).refused(400, "malformed_body")

	assert.Equal(t, ann.token, own(s.ask(ann, "GET", "/api/user/current/", "").json(200)["user"], "test"))
	s.ask(someone{1, ann.token + "x"}, "GET", "/api/user/current/", "").refused(401, "not_signed_in")

	flat := s.ask(ann, "POST", "/api/user/update/", `{"username":"시험"}`).json(200)
	assert.Equal(t, ann.token, own(flat, "시험"))
	assert.Equal(t, ann.token, own(flat["user"], "시험"))
	assert.ElementsMatch(t, []string{"username", "address"}, s.ask(ann, "POST", "/api/user/update/", `{"username":1,"address":""}`).refused(400, "invalid"))
	assert.ElementsMatch(t, []string{"username", "address"}, s.ask(ann, "POST", "/api/user/update/", `{"username":"","address":"x"}`).refused(400, "invalid"))
	s.ask(ann, "POST", "/api/user/update/", `null`).refused(400, "malformed_body")
	s.ask(ann, "POST", "/api/user/update/", "").json(200)

	const change = "/api/user/changepassword/"
	assert.ElementsMatch(t, []string{"current_password"},
		s.ask(ann, "POST", change, `{"current_password":"wrong","new_password1":"testtest","new_password2":"testtest"}`).refused(400, "invalid"))
	assert.ElementsMatch(t, []string{"current_password", "new_password1", "new_password2"},
		s.ask(ann, "POST", change, `{"current_password":1,"new_password1":"1","new_password2":"2"}`).refused(400, "invalid"))
	s.ask(ann, "POST", change, `{`).refused(400, "malformed_body")
	changed := s.ask(ann, "POST", change, `{"current_password":"test1234","new_password1":"testtest","new_password2":"testtest"}`).json(200)
	s.ask(ann, "GET", "/api/user/current/", "").refused(401, "not_signed_in")
	ann.token = changed["user"].(object)["token"].(string)
	s.ask(ann, "GET", "/api/user/current/", "").json(200)

	const withdraw = "/api/user/delete/"
	assert.Equal(t, []string{"password"}, s.ask(ann, "POST", withdraw, "").refused(400, "invalid"))
	assert.Equal(t, []string{"password"}, s.ask(ann, "POST", withdraw, `{"password":"test1234"}`).refused(400, "invalid"))
	assert.Equal(t, []string{"password"}, s.ask(ann, "POST", withdraw, `{"password":["testtest"]}`).refused(400, "invalid"))
	s.ask(ann, "POST", withdraw, `{`).refused(400, "malformed_body")
	s.ask(ann, "POST", withdraw, `{"password":"testtest"}`).empty(204)
	s.ask(ann, "GET", "/api/user/current/", "").refused(401, "not_signed_in")
	s.ask(nobody, "POST", "/api/user/login/", `{"email":"test@test.com","password":"testtest"}`).refused(401, "invalid_credentials")
}

// A name is kept in its composed form, and a password as it was typed.
func TestWordsAreComposedAndPasswordsAreNot(t *testing.T) {
	s := newSite(t)
	const composed, decomposed = "caf\u00e9", "cafe\u0301"
	body := func(email, name, password string) string {
		return fmt.Sprintf(`{"email":%q,"username":%q,"password":%q,"password2":%[3]q,"address":"서울특별시 종로구 혜화동"}`, email, name, password)
	}
	user := s.ask(nobody, "POST", "/api/user/register/", body("a@example.com", decomposed, decomposed+"1234")).json(201)["user"].(object)
	assert.Equal(t, composed, user["username"])
	assert.Equal(t, []string{"username"}, s.ask(nobody, "POST", "/api/user/register/", body("b@example.com", composed, "password123")).refused(400, "invalid"))
	login := func(password string) *answer {
		return s.ask(nobody, "POST", "/api/user/login/", fmt.Sprintf(`{"email":"a@example.com","password":%q}`, password))
	}
	login(composed+"1234").refused(401, "invalid_credentials")
	login(decomposed + "1234").json(200)
}

func TestAStoreThatDoesNotAnswerIsNotExplained(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	require.NoError(t, s.store.Close())
	for _, tt := range []struct{ method, path, body string }{
		{"GET", "/api/user/current/", ""},
		{"POST", "/api/user/login/", `{"email":"ann@example.com","password":"correct horse"}`},
		{"POST", "/api/user/register/", `{"email":"a@example.com","username":"aa","password":"correct horse","password2":"correct horse","address":"서울특별시 종로구 혜화동"}`},
	} {
		a := s.ask(ann, tt.method, tt.path, tt.body)
		a.refused(500, "internal")
		assert.NotContains(t, a.Body.String(), "sql")
		assert.NotContains(t, s.log.String(), "example.com")
	}
}

// Only a refresh makes a newer token: a stolen one is not renewed for ever.
func TestATokenIsNotRenewedByItself(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	access, err := s.tokens.Parse(ann.token)
	require.NoError(t, err)
	older := auth.NewTokens(time.Minute, s.Now, func() string { return "older" }, auth.Key{1})
	ann.token, err = older.Issue(ann.id, access.SignIn)
	require.NoError(t, err)
	token := func(a *answer) any { return a.json(200)["user"].(object)["token"] }
	assert.Equal(t, ann.token, token(s.ask(ann, "GET", "/api/user/current/", "")))
	assert.Equal(t, ann.token, token(s.ask(ann, "POST", "/api/user/update/", `{}`)))
	assert.Equal(t, ann.token, s.ask(ann, "POST", "/api/user/update/", `{}`).json(200)["token"])
}

// Who has an address that names no neighbourhood is told so, and may change other things.
func TestAddressesFromBefore(t *testing.T) {
	s := newSite(t)
	ann := s.person("ann")
	require.NoError(t, s.store.Write(t.Context(), func(r port.Repos) error {
		u, err := r.Users.Lock(t.Context(), ann.id)
		if err != nil {
			return err
		}
		old := u.State()
		old.Neighborhood = "강남역 근처"
		_, err = r.Users.Save(t.Context(), user.Restore(old))
		return err
	}))
	lives := func(a *answer, address string, official bool) {
		t.Helper()
		account := a.json(200)["user"].(object)
		assert.Equal(t, address, account["address"])
		assert.Equal(t, official, account["address_official"])
	}
	lives(s.ask(ann, "GET", "/api/user/current/", ""), "강남역 근처", false)
	lives(s.ask(ann, "POST", "/api/user/update/", `{"username":"앤과 밥"}`), "강남역 근처", false)
	lives(s.ask(ann, "POST", "/api/user/update/", `{"username":"앤과 밥","address":"강남역 근처"}`), "강남역 근처", false)
	p := s.ask(ann, "POST", "/api/user/update/", `{"address":"서울 감남구 역삼동"}`).json(400)
	assert.Equal(t, object{"address": []any{"혹시 서울특별시 강남구 역삼동, 서울특별시 강남구 역삼1동, 서울특별시 강남구 역삼2동 중 하나인가요?"}}, p["errors"])
	assert.Equal(t, object{"address": []any{"서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동", "서울특별시 강남구 역삼2동"}}, p["suggestions"])
	p = s.ask(ann, "POST", "/api/user/update/", `{"username":"","address":"ㅁㄴㅇㄹ"}`).json(400)
	assert.NotContains(t, p, "suggestions")
	p = s.ask(ann, "POST", "/api/user/update/", `{"username":""}`).json(400)
	assert.NotContains(t, p, "suggestions")
	p = s.ask(ann, "POST", "/api/user/update/", `{"username":1,"address":"서울 감남구 역삼동"}`).json(400)
	assert.Contains(t, p, "suggestions", "beside a field of the wrong type")
	lives(s.ask(ann, "POST", "/api/user/update/", `{"address":"역삼동 823-1"}`), "서울특별시 강남구 역삼동", true)
}
