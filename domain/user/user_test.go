package user_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

var noon = time.Date(2023, 9, 1, 12, 0, 0, 0, time.UTC)

// sample is the registration in the product's description.
func sample() user.Registration {
	return user.Registration{
		Email:         "test@test.com",
		Username:      "testuser",
		Password:      "test1234",
		PasswordAgain: "test1234",
		Neighborhood:  "제주특별자치도 제주시 용담이동",
	}
}

func register(t *testing.T) *user.User {
	t.Helper()
	u, err := user.Register(sample(), "hash", noon)
	require.NoError(t, err)
	return u
}

func fields(t *testing.T, err error) fault.Fields {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, fault.Invalid, fault.Of(err).Kind)
	return fault.Of(err).Fields
}

func TestRegister(t *testing.T) {
	u, err := user.Register(sample(), "hash", noon)
	require.NoError(t, err)
	assert.Equal(t, user.State{
		Email:        "test@test.com",
		Username:     "testuser",
		Neighborhood: "제주특별자치도 제주시 용담이동",
		PasswordHash: "hash",
		CreatedAt:    noon,
	}, u.State())
}

func TestRegisterTidiesWhatItKeeps(t *testing.T) {
	r := sample()
	r.Email, r.Username, r.Neighborhood = " Test@Test.com ", "\ttestuser ", " 제주특별자치도  제주시\n용담이동"
	u, err := user.Register(r, "hash", noon)
	require.NoError(t, err)
	assert.Equal(t, user.Email("Test@Test.com"), u.State().Email)
	assert.Equal(t, "testuser", u.State().Username)
	assert.Equal(t, user.Neighborhood("제주특별자치도 제주시 용담이동"), u.State().Neighborhood)
}

func TestRegistrationProblems(t *testing.T) {
	both := func(password string) func(*user.Registration) {
		return func(r *user.Registration) { r.Password, r.PasswordAgain = password, password }
	}
	tests := []struct {
		name  string
		given func(r *user.Registration) // changes to the sample
		want  fault.Fields
	}{
		{"the sample", func(*user.Registration) {}, fault.Fields{}},
		{"the sample's testtest", both("testtest"), fault.Fields{}},
		{"the sample's password123", both("password123"), fault.Fields{}},
		{"a password with spaces", both("  open  sesame "), fault.Fields{}},
		{"no e-mail", func(r *user.Registration) { r.Email = "" }, fault.Fields{"email": {required}}},
		{"a long e-mail", func(r *user.Registration) { r.Email = strings.Repeat("a", 250) + "@b.co" }, fault.Fields{"email": {emailTooLong}}},
		{"a bad e-mail", func(r *user.Registration) { r.Email = "test" }, fault.Fields{"email": {emailBad}}},
		{"no name", func(r *user.Registration) { r.Username = " " }, fault.Fields{"username": {required}}},
		{"a short name", func(r *user.Registration) { r.Username = "a" }, fault.Fields{"username": {nameLength}}},
		{"a name with a control", func(r *user.Registration) { r.Username = "a\x00b" }, fault.Fields{"username": {nameBad}}},
		{"the name of those who left", func(r *user.Registration) { r.Username = user.Withdrawn }, fault.Fields{"username": {nameReserved}}},
		{"no address", func(r *user.Registration) { r.Neighborhood = "" }, fault.Fields{"neighborhood": {required}}},
		{"a short address", func(r *user.Registration) { r.Neighborhood = "동" }, fault.Fields{"neighborhood": {placeLength}}},
		{"an address with a control", func(r *user.Registration) { r.Neighborhood = "용담\x00동" }, fault.Fields{"neighborhood": {placeBad}}},
		{"no password", func(r *user.Registration) { r.Password = "" }, fault.Fields{"password": {required}, "password_again": {passwordDiffers}}},
		{"a short password", both("test123"), fault.Fields{"password": {passwordShort}}},
		{"a long password", both(strings.Repeat("ab", 65)), fault.Fields{"password": {passwordLong}}},
		{"digits", both("12345678"), fault.Fields{"password": {passwordDigits}}},
		{"one letter", both("aaaaaaaa"), fault.Fields{"password": {passwordRepeats}}},
		{"the e-mail as password", both("TEST@test.com"), fault.Fields{"password": {passwordEmail}}},
		{"the e-mail as password, which was typed with white space", func(r *user.Registration) {
			r.Email = " test@test.com "
			both("test@test.com")(r)
		}, fault.Fields{"password": {passwordEmail}}},
		{"the local part as password", func(r *user.Registration) {
			r.Email = "somebody@test.com"
			both("SomeBody")(r)
		}, fault.Fields{"password": {passwordEmail}}},
		{"the name as password", both("TestUser"), fault.Fields{"password": {passwordName}}},
		{"no second password", func(r *user.Registration) { r.PasswordAgain = "" }, fault.Fields{"password_again": {required}}},
		{"another second password", func(r *user.Registration) { r.PasswordAgain = "test12345" }, fault.Fields{"password_again": {passwordDiffers}}},
		{"a second password that differs by case", func(r *user.Registration) { r.PasswordAgain = "Test1234" }, fault.Fields{"password_again": {passwordDiffers}}},
		{"a second password that differs by a space", func(r *user.Registration) { r.PasswordAgain = "test1234 " }, fault.Fields{"password_again": {passwordDiffers}}},
		{"nothing at all", func(r *user.Registration) { *r = user.Registration{} }, fault.Fields{
			"email": {required}, "username": {required}, "neighborhood": {required}, "password": {required}, "password_again": {required},
		}},
		{"everything wrong", func(r *user.Registration) {
			*r = user.Registration{Email: "a@b@c", Username: "a", Password: "1234567", PasswordAgain: "7654321", Neighborhood: "동"}
		}, fault.Fields{
			"email": {emailBad}, "username": {nameLength}, "neighborhood": {placeLength}, "password": {passwordShort}, "password_again": {passwordDiffers},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := sample()
			tt.given(&r)
			assert.Equal(t, tt.want, r.Problems())

			u, err := user.Register(r, "hash", noon)
			if len(tt.want) == 0 {
				require.NoError(t, err)
				assert.NotNil(t, u)
				return
			}
			assert.Nil(t, u)
			assert.Equal(t, tt.want, fields(t, err))
		})
	}
}

func TestEdit(t *testing.T) {
	str := func(s string) *string { return &s }
	tests := []struct {
		name              string
		username, address *string
		wantName          string
		wantPlace         user.Neighborhood
		wrong             fault.Fields
	}{
		{"nothing", nil, nil, "testuser", "제주특별자치도 제주시 용담이동", nil},
		{"the name", str(" 홍길동 "), nil, "홍길동", "제주특별자치도 제주시 용담이동", nil},
		{"the address", nil, str("서울특별시  강남구 역삼동"), "testuser", "서울특별시 강남구 역삼동", nil},
		{"both", str("홍길동"), str("서울특별시 강남구 역삼동"), "홍길동", "서울특별시 강남구 역삼동", nil},
		{"an empty name", str(""), nil, "", "", fault.Fields{"username": {required}}},
		{"an empty address", nil, str(""), "", "", fault.Fields{"neighborhood": {required}}},
		{"a good name and a bad address", str("홍길동"), str("동"), "", "", fault.Fields{"neighborhood": {placeLength}}},
		{"a bad name and a good address", str(user.Withdrawn), str("서울특별시 강남구 역삼동"), "", "", fault.Fields{"username": {nameReserved}}},
		{"both bad", str("a"), str("동"), "", "", fault.Fields{"username": {nameLength}, "neighborhood": {placeLength}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := register(t)
			want := u.State()
			err := u.Edit(tt.username, tt.address)
			if tt.wrong != nil {
				assert.Equal(t, tt.wrong, fields(t, err))
				assert.Equal(t, want, u.State(), "something changed")
				return
			}
			require.NoError(t, err)
			want.Username, want.Neighborhood = tt.wantName, tt.wantPlace
			assert.Equal(t, want, u.State())
		})
	}
}

// Clients send along an address that was kept before only official ones were.
func TestAnAddressThatExistsStays(t *testing.T) {
	for _, kept := range []user.Neighborhood{"강남역 근처", "서울 어딘가"} {
		u := user.Restore(user.State{ID: 7, Username: "testuser", Neighborhood: kept})
		same, name := " "+string(kept)+" ", "홍길동"
		require.NoError(t, u.Edit(&name, &same))
		assert.Equal(t, kept, u.State().Neighborhood)
		assert.Equal(t, name, u.State().Username)
		other := "강남역 앞"
		assert.Contains(t, fields(t, u.Edit(nil, &other)), "neighborhood")
	}
	u := user.Restore(user.State{ID: 7, Username: "testuser", Neighborhood: "역삼동 823-1"})
	same := "역삼동 823-1"
	require.NoError(t, u.Edit(nil, &same))
	assert.EqualValues(t, "서울특별시 강남구 역삼동", u.State().Neighborhood, "one that names a neighbourhood is read as that")
	withdrawn, nothing := user.Restore(user.State{ID: 8}), ""
	assert.Contains(t, fields(t, withdrawn.Edit(nil, &nothing)), "neighborhood")
}

// Clients send the name along when they change the address.
func TestANameThatExistsStays(t *testing.T) {
	u := user.Restore(user.State{ID: 7, Username: "운영자", Neighborhood: "제주특별자치도 제주시 용담이동"})
	same, other, place := " 운영자 ", "운영자 2", "서울특별시 강남구 역삼동"
	assert.True(t, u.Keeps(same))
	require.NoError(t, u.Edit(&same, &place))
	assert.Equal(t, "운영자", u.State().Username)
	assert.Equal(t, user.Neighborhood(place), u.State().Neighborhood)
	assert.False(t, u.Keeps(other))
	assert.Equal(t, fault.Fields{"username": {nameReserved}}, fields(t, u.Edit(&other, nil)))
}

func TestPasswordChangeProblems(t *testing.T) {
	tests := []struct {
		name string
		c    user.PasswordChange
		want fault.Fields
	}{
		{"a good one", user.PasswordChange{"test1234", "password123", "password123", false}, fault.Fields{}},
		{"with spaces", user.PasswordChange{"test1234", " test1234 ", " test1234 ", false}, fault.Fields{}},
		{"no current", user.PasswordChange{"", "password123", "password123", false}, fault.Fields{"old_password": {required}}},
		{"no new", user.PasswordChange{"test1234", "", "", false}, fault.Fields{"new_password": {required}, "new_password_again": {required}}},
		{"none at all", user.PasswordChange{}, fault.Fields{"old_password": {required}, "new_password": {required}, "new_password_again": {required}}},
		{"the same", user.PasswordChange{"test1234", "test1234", "test1234", false}, fault.Fields{"new_password": {passwordSame}}},
		{"the same and too short", user.PasswordChange{"test", "test", "test", false}, fault.Fields{"new_password": {passwordShort}}},
		{"too short", user.PasswordChange{"test1234", "test123", "test123", false}, fault.Fields{"new_password": {passwordShort}}},
		{"digits", user.PasswordChange{"test1234", "12345678", "12345678", false}, fault.Fields{"new_password": {passwordDigits}}},
		{"one letter", user.PasswordChange{"test1234", "가가가가가가가가", "가가가가가가가가", false}, fault.Fields{"new_password": {passwordRepeats}}},
		{"the e-mail", user.PasswordChange{"test1234", "TEST@TEST.COM", "TEST@TEST.COM", false}, fault.Fields{"new_password": {passwordEmail}}},
		{"the name", user.PasswordChange{"test1234", "TESTUSER", "TESTUSER", false}, fault.Fields{"new_password": {passwordName}}},
		{"no repetition", user.PasswordChange{"test1234", "password123", "", false}, fault.Fields{"new_password_again": {required}}},
		{"another repetition", user.PasswordChange{"test1234", "password123", "password124", false}, fault.Fields{"new_password_again": {passwordDiffers}}},
		{"everything wrong", user.PasswordChange{"", "short", "other", false}, fault.Fields{
			"old_password": {required}, "new_password": {passwordShort}, "new_password_again": {passwordDiffers},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, register(t).Problems(tt.c))
		})
	}
}

func TestSetPasswordChangesNothingElse(t *testing.T) {
	u := register(t)
	want := u.State()
	u.SetPassword("other")
	want.PasswordHash = "other"
	assert.Equal(t, want, u.State())
}

func TestWithdrawEndsTheAccountOnce(t *testing.T) {
	u := register(t)
	before := u.State()
	u.Withdraw(noon.Add(time.Hour))
	want := user.State{
		ID: before.ID, Email: "-", Username: user.Withdrawn, Neighborhood: "-",
		CreatedAt: before.CreatedAt, WithdrawnAt: noon.Add(time.Hour),
	}
	assert.Equal(t, want, u.State(), "nothing of the person is left")

	u.Withdraw(noon.Add(2 * time.Hour))
	assert.Equal(t, want, u.State(), "withdrawing twice changed something")
}

func TestStateIsACopy(t *testing.T) {
	u := register(t)
	s := u.State()
	s.Username = "somebody"
	assert.Equal(t, "testuser", u.State().Username)

	back := user.Restore(u.State())
	assert.Equal(t, u.State(), back.State())
	back.SetPassword("other")
	assert.Equal(t, "hash", u.State().PasswordHash)
}

func TestRestoreTrustsOldRows(t *testing.T) {
	old := user.State{ID: 7, Email: "no address", Username: "x", PasswordHash: "hash"}
	assert.Equal(t, old, user.Restore(old).State())
}

func TestRefusalsAreTold(t *testing.T) {
	assert.Contains(t, fault.Of(user.ErrEmailTaken).Fields, "email")
	assert.Contains(t, fault.Of(user.ErrNameTaken).Fields, "username")
	assert.Contains(t, fault.Of(user.ErrWrongPassword).Fields, "password")
	assert.Contains(t, fault.Of(user.ErrWrongCurrent).Fields, "old_password")
	assert.False(t, errors.Is(user.ErrInvalidCredentials, user.ErrSignedOut))
	assert.Equal(t, fault.Unauthenticated, user.ErrInvalidCredentials.Kind)
	assert.Equal(t, fault.Unauthenticated, user.ErrSignedOut.Kind)
}
