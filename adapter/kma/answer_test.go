package kma

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/Group-buying-service/mealbuddy/domain/menu"
	stub "github.com/Group-buying-service/mealbuddy/test/stub/kma"
)

func TestAmounts(t *testing.T) {
	over := math.Inf(1)
	for words, want := range map[string]*menu.Amount{
		"강수없음": {}, "적설없음": {}, "-": {}, "0": {}, "": {}, "null": {}, " 0.0 ": {},
		"1mm 미만": {Most: 1}, "1.0mm 미만": {Most: 1}, "0.5cm 미만": {Most: 0.5}, "1cm미만": {Most: 1},
		"3.0mm": {Least: 3, Most: 3}, "29.9mm": {Least: 29.9, Most: 29.9}, "2": {Least: 2, Most: 2}, "2.3cm": {Least: 2.3, Most: 2.3},
		"30.0~50.0mm": {Least: 30, Most: 50}, "30.0mm~50.0mm": {Least: 30, Most: 50}, "30.0 ~ 50.0 mm": {Least: 30, Most: 50},
		"50.0mm 이상": {Least: 50, Most: over}, "50mm이상": {Least: 50, Most: over}, "5.0cm 이상": {Least: 5, Most: over},
		"-998.9": nil, "900": nil, "-999": nil, "많음": nil, "50~30mm": nil, "1e9": nil, "NaN": nil, "0x10": nil, "-1": nil, "mm": nil,
	} {
		assert.Equal(t, want, amount(words), "%q", words)
	}
}

func TestNumbers(t *testing.T) {
	for _, missing := range []string{"", "-998.9", "-999", "900", "999.0", "NaN", "Inf", "abc", "101", "-1"} {
		assert.Nil(t, number(missing, 0, 100), "%q", missing)
	}
	assert.InDelta(t, 21.4, *number(" 21.4 ", -90, 60), 0)
	assert.InDelta(t, -5, *number("-5", -90, 60), 0)
}

func TestEveryFaultIsUnderstood(t *testing.T) {
	means := map[string]meaning{
		"application-error": older, "no-data": older, "upstream-down": older,
		"database-error": later, "service-time-out": later, "unknown": later,
		"too-old": never, "missing-parameter": never, "no-service": never, "denied": never, "disabled": never, "quota": never,
		"unregistered": never, "expired": never, "wrong-ip": never, "unsigned": never,
		"gateway-401": never, "gateway-401-as-200": never, "gateway-403": never, "gateway-404": never,
		"gateway-rate": later, "gateway-quota": never, "gateway-quota-as-200": never,
		"gateway-forwarding": later, "gateway-receiving": later, "gateway-unexpected": later,
		"blocked": later, "page": later, "nothing": later, "hub-401": never, "hub-403": never,
		"xml-no-data": older, "xml-one-digit": older, "xml-quota": never, "xml-unregistered": never,
		"xml-database": later, "xml-empty-code": later,
	}
	for name, f := range stub.Faults {
		rows, _, err := read([]byte(f.Body), f.Status)
		assert.Empty(t, rows, name)
		switch name {
		case "half", "xml-half":
			assert.ErrorContains(t, err, "read the weather")
		case "empty-items", "xml-empty-items":
			assert.NoError(t, err)
		default:
			r, answered := errors.AsType[*refusal](err)
			if assert.True(t, answered, "%s: %v", name, err) {
				assert.Equal(t, means[name], r.means, name)
			}
		}
	}
}

// Rows that come in XML although JSON was requested are the same.
func TestAnswersInXML(t *testing.T) {
	for _, file := range []string{"getUltraSrtNcst", "getUltraSrtFcst", "getVilageFcst"} {
		body, err := os.ReadFile("testdata/" + file + ".json")
		require.NoError(t, err)
		want, total, err := read(body, 200)
		require.NoError(t, err)
		items := ""
		for _, r := range want {
			items += fmt.Sprintf("<item><baseDate>%s</baseDate><baseTime>%s</baseTime><category>%s</category><nx>60</nx>", r.BaseDate, r.BaseTime, r.Category)
			if r.Observed != "" {
				items += fmt.Sprintf("<obsrValue>%s</obsrValue></item>", r.Observed)
				continue
			}
			items += fmt.Sprintf("<fcstDate>%s</fcstDate><fcstTime>%s</fcstTime><fcstValue>%s</fcstValue></item>", r.FcstDate, r.FcstTime, r.Forecast)
		}
		got, n, err := read(fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><header><resultCode>00</resultCode></header>"+
			"<body><items>%s</items><totalCount>%d</totalCount></body></response>", items, total), 200)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, total, n)
	}
}

// The files of testdata have the form that the service sends; the numbers are
// made up.
func TestAnswersOfTheService(t *testing.T) {
	issue := time.Date(2026, 9, 14, 14, 0, 0, 0, menu.Seoul)
	of := func(file string, issue time.Time) hours {
		body, err := os.ReadFile("testdata/" + file)
		require.NoError(t, err)
		rows, total, err := read(body, 200)
		require.NoError(t, err)
		require.GreaterOrEqual(t, total, len(rows))
		return slots(rows, issue)
	}
	last, seen := of("getUltraSrtNcst.json", issue).last()
	require.True(t, seen)
	assert.True(t, issue.Equal(last.at))
	assert.InDelta(t, 21.4, *last.temperature, 0)
	assert.InDelta(t, 83, *last.humidity, 0)
	assert.InDelta(t, 1.4, *last.wind, 0)
	assert.Equal(t, menu.Raining, last.rain)
	assert.Equal(t, &menu.Amount{Least: 2.5, Most: 2.5}, last.amount)
	assert.Equal(t, menu.SkyUnknown, last.sky)

	near := of("getUltraSrtFcst.json", issue.Add(-30*time.Minute))
	require.Len(t, near, 2)
	at := near[issue.Unix()]
	assert.Equal(t, menu.Overcast, at.sky)
	assert.Equal(t, menu.Drizzle, at.rain)
	assert.Equal(t, &menu.Amount{Most: 1}, at.amount)
	assert.Nil(t, near[issue.Add(time.Hour).Unix()].humidity, "-998.9 is no value")

	far := of("getVilageFcst.json", issue.Add(-9*time.Hour))
	at = far[time.Date(2026, 9, 14, 6, 0, 0, 0, menu.Seoul).Unix()]
	assert.InDelta(t, 18, *at.temperature, 0)
	assert.InDelta(t, 20, *at.chance, 0)
	assert.Equal(t, menu.Cloudy, at.sky)
	assert.Equal(t, menu.Dry, at.rain)
	assert.Equal(t, &menu.Amount{}, at.amount)
}

func TestLooseAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"one item":      `{"response":{"header":{"resultCode":"00"},"body":{"items":{"item":{"category":"T1H","baseDate":"20260914","baseTime":"1400","obsrValue":"21"}},"totalCount":"1"}}}`,
		"numbers":       `{"response":{"header":{"resultCode":0},"body":{"items":{"item":[{"category":"T1H","baseDate":20260914,"baseTime":1400,"obsrValue":21}]},"totalCount":1}}}`,
		"a mark before": "\ufeff \n" + `{"response":{"header":{"resultCode":"00"},"body":{"items":{"item":[{"category":"T1H","baseDate":"20260914","baseTime":"1400","obsrValue":"21"}]}}}}`,
	} {
		rows, total, err := read([]byte(body), 200)
		require.NoError(t, err, name)
		assert.Equal(t, 1, total, name)
		last, _ := slots(rows, time.Date(2026, 9, 14, 14, 0, 0, 0, menu.Seoul)).last()
		if assert.NotNil(t, last.temperature, name) {
			assert.InDelta(t, 21, *last.temperature, 0, name)
		}
	}
	early, _, err := read([]byte(`{"response":{"header":{"resultCode":"00"},"body":{"items":{"item":[{"category":"T1H","baseDate":20260914,"baseTime":100,"obsrValue":21}]}}}}`), 200)
	require.NoError(t, err)
	_, seen := slots(early, time.Date(2026, 9, 14, 1, 0, 0, 0, menu.Seoul)).last()
	assert.True(t, seen, "0100 came as the number 100")
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"", "강수없음", "1mm 미만", "30.0~50.0mm", "50.0mm 이상", "-998.9", "2.3cm", "9e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := amount(s)
		if a == nil {
			return
		}
		if !(a.Least >= 0 && a.Least < missing && a.Most >= a.Least) || math.IsInf(a.Value(), 0) || strings.Contains(a.String(), "Inf") {
			t.Errorf("%q is read as %+v", s, *a)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	for _, fault := range stub.Faults {
		f.Add([]byte(fault.Body), fault.Status)
	}
	for _, file := range []string{"getUltraSrtNcst.json", "getUltraSrtFcst.json", "getVilageFcst.json"} {
		body, err := os.ReadFile("testdata/" + file)
		require.NoError(f, err)
		f.Add(body, 200)
	}
	issue := time.Date(2026, 9, 14, 14, 0, 0, 0, menu.Seoul)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		rows, total, err := read(body, status)
		if err != nil && len(rows) > 0 && total > 0 {
			t.Errorf("rows and %v", err)
		}
		for _, s := range slots(rows, issue) {
			for _, v := range []*float64{s.temperature, s.humidity, s.wind, s.chance} {
				if v != nil && !(math.Abs(*v) < missing) {
					t.Errorf("a value of %v", *v)
				}
			}
			if s.at.Sub(issue).Abs() > reach {
				t.Errorf("an hour far away: %s", s.at)
			}
		}
	})
}
