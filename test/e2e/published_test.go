package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The product has published these bodies: people copy them as they stand, with
// their odd commas, quoted numbers and the Korean name of a field.
const (
	publishedRegister = `{
        "username": "testuser",
        "email": "test@email.com",
        "password": "test1234",
        "password2": "test1234",
        "address": "제주특별자치도 제주시 용담이동"
    }`
	publishedLogin = `{
        "email": "test@email.com",
        "password": "test1234"
    }`
	publishedChange = `{
        "current_password": "test1234",
        "new_password1": "testtest",
        "new_password2": "testtest"
    }`
	publishedUpdate = `{
        "username": "test",
        "address": "경상남도 밀양시 내이동"
    }`
	publishedPost = `{
        "title": "치킨이 먹고싶어요",
        "category": "치킨",
        "모집인원": "8",
        "content": "치킨이 먹고싶어요",
    }`
	publishedBan = `{
        "target_user_id": "1"
    }`
	publishedDelete = `{
        "password": "test1234"
    }`
)

func TestPublishedExamplesWorkWordForWord(t *testing.T) {
	on := serve(t, t.TempDir()) // where the first user is number 1
	bob := newcomer(t, on, "banned")
	require.EqualValues(t, 1, bob.ID)

	nobody := stranger(t, on)
	me := read[signed](nobody.do(http.MethodPost, "/api/user/register/", text(publishedRegister)).is(http.StatusCreated)).User
	assert.Equal(t, "testuser", me.Username)
	assert.Equal(t, "제주특별자치도 제주시 용담이동", me.Address)
	me = read[signed](nobody.do(http.MethodPost, "/api/user/login/", text(publishedLogin)).is(http.StatusOK)).User
	me.on = on

	odd := me.as(t).meaning(Request) // for the comma
	party := read[post](odd.do(http.MethodPost, "/api/post/write/", text(publishedPost)).is(http.StatusCreated))
	assert.Equal(t, 8, party.TargetNumber)
	assert.Equal(t, 1, party.JoinNumber)
	assert.Equal(t, "치킨이 먹고싶어요", party.Title)
	edited := read[post](odd.do(http.MethodPost, party.edit(), text(strings.Replace(publishedPost, `"8"`, `"7"`, 1))).is(http.StatusOK))
	assert.Equal(t, 7, edited.TargetNumber)
	assert.True(t, edited.IsJoined)
	list := read[board](me.as(t).get("/api/post/?category=치킨&page=1").is(http.StatusOK))
	require.Len(t, list.Posts, 1)

	bob.joins(t, party)
	s := bob.listens(t, party)
	s.sends(`{
            "message": "안녕하세요!"
        }`)
	s.hearsWords("안녕하세요!")
	me.as(t).meaning(Request).do(http.MethodPost, party.ban(), text(publishedBan)).is(http.StatusNoContent)
	assert.Equal(t, bob.ID, s.hears("chat.user.leave").UserID)
	s.ends(4403)

	me.Token = read[signed](me.as(t).do(http.MethodPost, "/api/user/changepassword/", text(publishedChange)).is(http.StatusOK)).User.Token
	updated := read[struct {
		signed
		person
	}](me.as(t).do(http.MethodPost, "/api/user/update/", text(publishedUpdate)).is(http.StatusOK))
	assert.Equal(t, "test", updated.User.Username)
	assert.Equal(t, "경상남도 밀양시 내이동", updated.Address, "the same fields flat")

	me.as(t).with("X-CSRFToken", "anything").post(party.remove(), nil).is(http.StatusNoContent)
	me.as(t).do(http.MethodPost, "/api/user/delete/", text(publishedDelete)).invalid("password")
	me.as(t).do(http.MethodPost, "/api/user/delete/", text(strings.Replace(publishedDelete, "test1234", "testtest", 1))).is(http.StatusNoContent)
}
