package chat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/chat"
	"github.com/Group-buying-service/mealbuddy/domain/room"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

const (
	ann user.ID = 1 + iota
	bob
)

var noon = time.Date(2023, 9, 1, 12, 0, 0, 0, time.UTC)

func TestSay(t *testing.T) {
	const (
		family = "👨\u200d👩\u200d👧\u200d👦" // 25 bytes
		couple = "👨\u200d👩\u200d👧\u0301"  // 20 bytes
	)
	tests := []struct {
		name, words, clientID string
		want                  string // what is heard
		err                   error
	}{
		{"words", "안녕하세요", "", "안녕하세요", nil},
		{"one character", "a", "", "a", nil},
		{"one emoji", family, "", family, nil},
		{"white space around", " \n\t안녕\u3000\n", "", "안녕", nil},
		{"lines inside", "안녕\n\n하세요  여러분", "", "안녕\n\n하세요  여러분", nil},
		{"markup", "<b>hi</b> & 'bye'", "", "<b>hi</b> & 'bye'", nil},
		{"a control", "안녕\x00하세요", "", "", chat.ErrControls},
		{"a client id with a control", "안녕하세요", "a\x00", "", chat.ErrClientID},
		{"1000 characters", strings.Repeat("a", 1000), "", strings.Repeat("a", 1000), nil},
		{"1000 syllables", strings.Repeat("가", 1000), "", strings.Repeat("가", 1000), nil},
		{"1000 emoji", strings.Repeat("😀", 1000), "", strings.Repeat("😀", 1000), nil},
		{"1000 characters and white space", "  " + strings.Repeat("a", 1000) + "\n", "", strings.Repeat("a", 1000), nil},
		{"1001 characters", strings.Repeat("a", 1001), "", "", chat.ErrTooLong},
		{"1001 syllables", strings.Repeat("가", 1001), "", "", chat.ErrTooLong},
		{"4096 bytes", strings.Repeat(couple, 204) + strings.Repeat("😀", 4), "", strings.Repeat(couple, 204) + strings.Repeat("😀", 4), nil},
		{"4097 bytes", strings.Repeat(couple, 204) + strings.Repeat("😀", 4) + "a", "", "", chat.ErrTooLarge},
		{"four marks on a letter", "q\u0323\u0323\u0323\u0323", "", "q\u0323\u0323\u0323\u0323", nil},
		{"five marks on a letter", "안녕 q\u0323\u0323\u0323\u0323\u0323", "", "", chat.ErrControls},
		{"an account number that is turned around", "110-\u202e987-654", "", "", chat.ErrControls},
		{"the same by an isolate", "\u2067110 987\u2069", "", "", chat.ErrControls},
		{"a number copied from a phone", "\u202a010-1234-5678\u202c", "", "\u202a010-1234-5678\u202c", nil},
		{"letters from right to left", "שלום", "", "שלום", nil},
		{"few characters of many bytes", strings.Repeat(family, 164), "", "", chat.ErrTooLarge},
		{"nothing", "", "", "", chat.ErrEmpty},
		{"white space", " \t\r\n\u00a0\u3000", "", "", chat.ErrEmpty},
		{"zero-width spaces", "\u200b\u200b", "", "", chat.ErrEmpty},
		{"Hangul fillers", "\u3164 \u3164", "", "", chat.ErrEmpty},
		{"braille blanks", "\u2800\u2800", "", "", chat.ErrEmpty},
		{"direction marks", "\u202e\u200f", "", "", chat.ErrEmpty},
		{"joiners and selectors", "\u200d\ufe0f", "", "", chat.ErrEmpty},
		{"many that are not seen", strings.Repeat("\u200b", 5000), "", "", chat.ErrEmpty},
		{"a client id", "hi", "7c6f4d5e-0c37-4a57-9e7f-6f1b6f7d2f10", "hi", nil},
		{"a client id of 64 bytes", "hi", strings.Repeat("x", 64), "hi", nil},
		{"a client id of 65 bytes", "hi", strings.Repeat("x", 65), "", chat.ErrClientID},
		{"a client id of all printable ASCII", "hi", " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~", "hi", nil},
		{"a client id of other letters", "hi", "가", "", chat.ErrClientID},
		{"a client id that shows nothing", "hi", "a\u200b", "", chat.ErrClientID},
		{"a client id with DEL", "hi", "a\x7f", "", chat.ErrClientID},
		{"nothing under a long client id", "", strings.Repeat("x", 65), "", chat.ErrEmpty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chat.Say(7, bob, tt.words, tt.clientID, noon)
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				assert.Zero(t, got)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, room.Entry{Room: 7, Kind: chat.Said, Who: bob, Body: tt.want, ClientID: tt.clientID, At: noon}, got)
		})
	}
}
