package e2e

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRegister(t *testing.T) {
	ann := newcomer(t, shared, "Élodie")
	assert.Equal(t, "Élodie@newcomer.test", ann.Email)
	nobody := stranger(t, shared)

	t.Run("taken, in whatever case and form", func(t *testing.T) {
		nobody.post("/api/user/register/", registration("éLODIE@NEWCOMER.test", "E\u0301LODIE")).invalid("email", "username")
		nobody.post("/api/user/register/", registration("other@newcomer.test", " élodie ")).invalid("username")
		f := registration(ann.Email, ann.Username)
		f["address"], f["password"], f["password2"] = "x", "12345678", "123456789"
		nobody.meaning(Request).post("/api/user/register/", f).invalid("email", "username", "address", "password", "password2")
	})
	t.Run("fields that break a rule", func(t *testing.T) {
		for name, wrong := range map[string][]string{
			"email": {
				"", "x", "x@", "@x.test", "a b@x.test", "x@x@x.test", "Ann <ann@x.test>", "ann@x.test, bob@x.test",
				strings.Repeat("a", 250) + "@x.test", "a\n@x.test", "a@x.test\u202e",
			},
			"username": {"", " ", "a", " a ", strings.Repeat("a", 31), "a\nb", "\u202eann", "\u200b\u200b", "탈퇴한 사용자"},
			"password": {"", "short-1", strings.Repeat("a1", 65), "12345678", "aaaaaaaa", "rule@rules.test", "rulesname"},
			"address":  {"", "a", strings.Repeat("동", 101), "\u200b\u200b"},
		} {
			for _, value := range wrong {
				f := registration("rule@rules.test", "rulesname")
				f[name] = value
				if name == "password" {
					f["password2"] = value
				}
				names := []string{name}
				if name == "password" && value == "" {
					names = append(names, "password2")
				}
				nobody.meaning(Request).post("/api/user/register/", f).invalid(names...)
			}
		}
		f := registration("rule@rules.test", "rulesname")
		f["password2"] = password + " "
		nobody.post("/api/user/register/", f).invalid("password2")
	})
	t.Run("white space around does not count", func(t *testing.T) {
		f := registration("  spaced@newcomer.test ", " 띄어 쓴  이름 ")
		f["address"] = "  제주특별자치도   제주시 용담이동 "
		u := read[signed](nobody.meaning(Request).post("/api/user/register/", f).is(http.StatusCreated)).User
		assert.Equal(t, "spaced@newcomer.test", u.Email)
		assert.Equal(t, town, u.Address)
	})
}

func TestEveryBadFieldAtOnceWhateverIsWrongWithIt(t *testing.T) {
	ann, _ := two(t)
	f := registration("short", "a")
	f["address"], f["password2"] = 1, nil
	stranger(t, shared).meaning(Request).post("/api/user/register/", f).invalid("email", "username", "address", "password2")
	me := ann.as(t).meaning(Request)
	me.post("/api/user/update/", fields{"username": "a", "address": 1}).invalid("username", "address")
	me.post("/api/user/changepassword/", fields{"new_password1": 1, "new_password2": "x"}).
		invalid("current_password", "new_password1", "new_password2")
	me.post("/api/post/write/", fields{"title": 1, "category": "돌", "target_number": "x"}).
		invalid("title", "category", "content", "target_number")
	me.post(ann.opens(t, 3).edit(), fields{"title": 1, "category": "돌", "content": " ", "target_number": 1, "is_compelete": "x"}).
		invalid("title", "category", "content", "target_number", "is_compelete")
}

func TestSignIn(t *testing.T) {
	ann := newcomer(t, shared, "signin")
	nobody := stranger(t, shared)
	in := read[signed](nobody.post("/api/user/login/", fields{"email": "SIGNIN@newcomer.TEST", "password": password}).is(http.StatusOK)).User
	assert.Equal(t, ann.ID, in.ID)
	in.on = shared
	fresh := read[signed](in.as(t).get("/api/user/current/").is(http.StatusOK)).User
	assert.Equal(t, ann.Email, fresh.Email)
	assert.Equal(t, in.Token, fresh.Token, "only a refresh makes a newer one")
	fresh.on = shared
	fresh.as(t).get("/api/user/current/").is(http.StatusOK)

	gone := newcomer(t, shared, "signin-gone")
	gone.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	var words []string
	for _, f := range []fields{
		{"email": ann.Email, "password": "not-the-password"},
		{"email": "unknown@newcomer.test", "password": password},
		{"email": gone.Email, "password": password},
		{"email": "no address", "password": password},
		{"email": ann.Email, "password": strings.ToUpper(password)},
		{"email": ann.Email, "password": password + " "},
		{"email": ann.Email, "password": strings.Repeat("x", 60_000)},
		{"email": strings.Repeat("x", 60_000), "password": password},
		{"email": "' OR 1=1 --", "password": "' OR 1=1 --"},
	} {
		p := nobody.post("/api/user/login/", f).refused(http.StatusUnauthorized, "invalid_credentials")
		words = append(words, p.Detail)
	}
	for _, w := range words {
		assert.Equal(t, words[0], w, "nobody learns which of it is wrong")
	}
	nobody.meaning(Request).post("/api/user/login/", fields{"email": "", "password": ""}).invalid("email", "password")
}

func TestEverythingPersonalAsksWhoItIs(t *testing.T) {
	ann, _ := two(t)
	party := ann.opens(t, 2)
	nobody := stranger(t, shared)
	for _, op := range bodiedOperations[2:] {
		nobody.do(op.method(), op.path(party), asJSON(op.sound)).refused(http.StatusUnauthorized, "not_signed_in")
	}
	for _, path := range []string{"/api/user/current/", sessionsPath, "/api/post/", party.detail(), party.edit(), party.room(), party.members()} {
		nobody.get(path).refused(http.StatusUnauthorized, "not_signed_in")
	}
	for _, path := range []string{party.remove(), party.room(), party.tickets(), refreshPath} {
		nobody.post(path, nil).refused(http.StatusUnauthorized, "not_signed_in")
	}
	for _, path := range []string{party.room(), party.members(), sessionsPath, sessionsPath + "1/"} {
		nobody.delete(path).refused(http.StatusUnauthorized, "not_signed_in")
	}
	// Nor does anybody else learn whether there is such a thing, or get a large body read.
	nobody.get("/api/post/detail/999999/").refused(http.StatusUnauthorized, "not_signed_in")
	nobody.meaning(Request).do(http.MethodPost, "/api/post/write/", text("{")).refused(http.StatusUnauthorized, "not_signed_in")
}

func TestUpdate(t *testing.T) {
	ann, bob := newcomer(t, shared, "update"), newcomer(t, shared, "updated")
	type updated struct {
		signed
		person
	}
	u := read[updated](ann.as(t).post("/api/user/update/", fields{"username": " UPDATE "}).is(http.StatusOK))
	assert.Equal(t, "UPDATE", u.User.Username, "one's own name in another case is not taken")
	assert.Equal(t, u.User.Username, u.person.Username)
	assert.Equal(t, town, u.Address)
	u = read[updated](ann.as(t).post("/api/user/update/", fields{"address": "경상남도 밀양시 내이동", "email": "stays@newcomer.test"}).is(http.StatusOK))
	assert.Equal(t, "UPDATE", u.User.Username)
	assert.Equal(t, "경상남도 밀양시 내이동", u.User.Address)
	assert.Equal(t, ann.Email, u.User.Email)
	ann.as(t).post("/api/user/update/", fields{}).is(http.StatusOK)

	ann.as(t).meaning(Request).post("/api/user/update/", fields{"username": "Updated", "address": "x"}).invalid("username", "address")
	ann.as(t).meaning(Request).post("/api/user/update/", fields{"username": "", "address": ""}).invalid("username", "address")
	after := read[signed](ann.as(t).get("/api/user/current/").is(http.StatusOK)).User
	assert.Equal(t, "UPDATE", after.Username)
	assert.Equal(t, "경상남도 밀양시 내이동", after.Address)
	assert.Equal(t, "updated", read[signed](bob.as(t).get("/api/user/current/").is(http.StatusOK)).User.Username)

	party := bob.opens(t, 2)
	bob.as(t).post("/api/user/update/", fields{"username": "새 이름"}).is(http.StatusOK)
	assert.Equal(t, "새 이름", ann.sees(t, party).Writer.Username, "everybody sees the new name")
}

func TestChangePassword(t *testing.T) {
	ann := newcomer(t, shared, "changer")
	elsewhere := read[signed](stranger(t, shared).post("/api/user/login/", fields{"email": ann.Email, "password": password}).is(http.StatusOK)).User
	elsewhere.on = shared
	change := func(now, next, again string) answer {
		return ann.as(t).meaning(Request).post("/api/user/changepassword/", fields{"current_password": now, "new_password1": next, "new_password2": again})
	}
	change("wrong-one", "next-word-1", "next-word-1").invalid("current_password")
	change(password, "next-word-1", "next-word-2").invalid("new_password2")
	change(password, password, password).invalid("new_password1")
	change(password, "12345678", "12345678").invalid("new_password1")
	change(password, ann.Email, ann.Email).invalid("new_password1")
	change("wrong-one", "short", "").invalid("current_password", "new_password1", "new_password2")

	changed := read[signed](change(password, "next-word-1", "next-word-1").is(http.StatusOK)).User
	changed.on = shared
	for _, old := range []person{ann, elsewhere} {
		old.as(t).get("/api/user/current/").refused(http.StatusUnauthorized, "not_signed_in")
	}
	changed.as(t).get("/api/user/current/").is(http.StatusOK)
	stranger(t, shared).post("/api/user/login/", fields{"email": ann.Email, "password": password}).refused(http.StatusUnauthorized, "invalid_credentials")
	stranger(t, shared).post("/api/user/login/", fields{"email": ann.Email, "password": "next-word-1"}).is(http.StatusOK)
}

// accountRow is all that the store keeps of an account.
func accountRow(t *testing.T, p person) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.on.data, "mealbuddy.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer db.Close()
	var row string
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT email || email_key || username || name_key || neighborhood || password_hash FROM user WHERE id = ?`, p.ID).Scan(&row))
	return row
}

func TestWithdrawalLeavesNothingOfThePerson(t *testing.T) {
	gone := newcomer(t, shared, "traceless")
	assert.Contains(t, accountRow(t, gone), gone.Email)
	gone.as(t).post(menusPath, fields{"message": "매운 것"}).is(http.StatusOK)
	gone.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	left := accountRow(t, gone)
	for _, what := range []string{gone.Email, "traceless", "$argon2id$", gone.Address} {
		assert.NotContains(t, left, what)
	}
}

func TestWithdraw(t *testing.T) {
	ann, bob := newcomer(t, shared, "leaver"), people(t, 1)[0]
	own, others := ann.opens(t, 3), bob.opens(t, 3)
	bob.joins(t, own)
	ann.joins(t, others)
	s := ann.listens(t, own)
	s.says("곧 떠나요", "")
	said := s.hearsWords("곧 떠나요")
	assert.Equal(t, ann.masked(), said.User.Email)

	ann.as(t).post("/api/user/delete/", fields{"password": "wrong-one"}).invalid("password")
	ann.as(t).get("/api/user/current/").is(http.StatusOK)
	ann.as(t).post("/api/user/delete/", fields{"password": password}).is(http.StatusNoContent)
	ann.as(t).get("/api/user/current/").refused(http.StatusUnauthorized, "not_signed_in")
	ann.as(t).post("/api/user/delete/", fields{"password": password}).refused(http.StatusUnauthorized, "not_signed_in")

	assert.NotEqual(t, ann.Username, bob.sees(t, own).Writer.Username, "nobody sees the name from then on")
	within(t, 5*time.Second, "seats are free, and somebody leads on", func() bool {
		return bob.sees(t, own).Writer.ID == bob.ID && bob.sees(t, others).JoinNumber == 1
	})
	assert.True(t, bob.sees(t, own).IsComplete)
	people(t, 2)[1].as(t).post(own.room(), nil).refused(http.StatusConflict, "recruitment_closed")
	log := read[room](bob.as(t).get(own.room()).is(http.StatusOK)).Messages
	require.Len(t, log, 5)
	assert.Equal(t, &writer{ann.ID, "탈퇴한 사용자", ""}, log[1].User)
	assert.Equal(t, "곧 떠나요", log[1].Message)
	assert.Equal(t, "chat.user.leave", log[2].Type)
	assert.Equal(t, "모집을 마감했어요.", log[3].Message)
	assert.Equal(t, bob.Username+" 님이 글을 이어받았어요.", log[4].Message)
	bob.as(t).post(own.edit(), fields{"is_compelete": false}).is(http.StatusOK) // who leads may reopen

	assert.Len(t, read[[]member](bob.as(t).get(others.members()).is(http.StatusOK)), 1)
	log = read[room](bob.as(t).get(others.room()).is(http.StatusOK)).Messages
	require.Len(t, log, 2)
	assert.Equal(t, "chat.user.leave", log[1].Type)

	again := newcomer(t, shared, "leaver") // the address and the name are free
	assert.NotEqual(t, ann.ID, again.ID)
	assert.False(t, again.sees(t, others).IsJoined)
	again.as(t).get(own.room()).refused(http.StatusForbidden, "not_a_member")
}

// within waits until something holds, and fails if it has not after a while.
func within(t *testing.T, patience time.Duration, what string, holds func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !holds() {
		require.True(t, time.Now().Before(end), what)
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}
