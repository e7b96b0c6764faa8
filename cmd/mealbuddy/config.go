package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/adapter/oidc"
	"github.com/Group-buying-service/mealbuddy/adapter/redis"
)

// prefix is what the names of all variables begin with.
const prefix = "MEALBUDDY_"

// config is all that can be set. With nothing set it describes a working server.
// A field marked secret may be set by a file, too: see fromFiles. A theme begins with the
// field that names it.
type config struct {
	Addr           string        `env:"ADDR" theme:"Serving" envDefault:":8080" help:"address to listen on"`
	DebugAddr      string        `env:"DEBUG_ADDR" help:"address of metrics and profiles, which show the inside: never let the public reach it. Off if not set"`
	PublicURL      origin        `env:"PUBLIC_URL" help:"where people find the service, like https://mealbuddy.example: requests for other hosts are refused, and changes by pages of other origins; cookies and Strict-Transport-Security are those of https, if it is. Without one, whatever host they ask will do"`
	TrustedProxies prefixes      `env:"TRUSTED_PROXIES" help:"addresses and networks, like 10.0.0.0/8, with a comma between, of the proxies that tell by X-Forwarded-For and X-Forwarded-Proto whom they ask for; others are not listened to"`
	Drain          time.Duration `env:"DRAIN" envDefault:"0s" help:"how long /readyz says no, once a signal came, before nobody is let in any more; behind a proxy longer than it takes to notice; at most 5m"`
	Data           string        `env:"DATA" theme:"Keeping" envDefault:"data" help:"folder that keeps everything; made if it is not there"`
	DatabaseURL    string        `env:"DATABASE_URL" secret:"true" help:"PostgreSQL to keep everything in, for one node or many: postgres://user:password@host1,host2/database. Without one, it is SQLite in the data folder"`
	RedisURL       redis.URL     `env:"REDIS_URL" secret:"true" help:"Redis 7 or newer that joins several processes, like redis://user:password@host:6379/0; rediss:// is with TLS. Sentinels: redis://sentinel:26379/0?master_name=main&addr=sentinel2:26379, with their own login before the @ and that of Redis in username= and password=. A Cluster: redis://node:6379?cluster=true&addr=node2:6379"`
	LogLevel       slog.Level    `env:"LOG_LEVEL" theme:"Logs" envDefault:"info" help:"least level that is logged: debug, info, warn or error"`
	TokenKeys      keys          `env:"TOKEN_KEYS" theme:"Signing in and limits" secret:"true" help:"one or two keys of 32 random bytes in base64 (openssl rand -base64 32), with a comma between; the first signs, both are good. Without one, a key is made and kept in the data folder"`
	TokenLife      time.Duration `env:"TOKEN_LIFE" envDefault:"15m" help:"how long a token is good, 1m to 1h"`
	WSURLToken     onOff         `env:"WS_URL_TOKEN" envDefault:"on" help:"off: sockets are opened by tickets or the Authorization header only, never by a token in the URL, which logs may keep"`
	Limits         onOff         `env:"LIMITS" envDefault:"on" help:"off: nobody counts how often somebody does something, nor how many posts somebody writes. For load tests alone"`
	Emails         emails        `env:"EMAILS" envDefault:"masked" help:"how writers, members and speakers are shown to others: masked, like te**@test.com, or full"`
	PasswordMemory uint32        `env:"PASSWORD_MEMORY" envDefault:"47104" help:"KiB of memory for one argon2id hash, at least 19456"`
	PasswordTime   uint32        `env:"PASSWORD_TIME" envDefault:"1" help:"passes over that memory, at least 2 below 47104 KiB"`
	KakaoKey       secret        `env:"KAKAO_KEY" theme:"Places, weather and menus" secret:"true" help:"REST API key of an app at developers.kakao.com with Kakao Map switched on; names the dong of a place. Without one, that of the nearest office is named"`
	KakaoURL       string        `env:"KAKAO_URL" envDefault:"https://dapi.kakao.com" help:"where Kakao Local is asked; make stubs prints one that answers without a key"`
	KMAKey         secret        `env:"KMA_KEY" secret:"true" help:"service key of data.go.kr for 기상청 단기예보, encoded or not; tells the weather. Without one there is none"`
	KMAURL         string        `env:"KMA_URL" envDefault:"https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0" help:"where the KMA is asked; its API hub has the same operations"`
	KMAKeyParam    string        `env:"KMA_KEY_PARAM" envDefault:"serviceKey" help:"name of the parameter that the key goes in; authKey at the KMA's API hub"`
	OpenAIModel    string        `env:"OPENAI_MODEL" help:"language model that suggests menus, together with a key or a URL. Without one they come from a table"`
	OpenAIKey      secret        `env:"OPENAI_KEY" secret:"true" help:"key for the language model; a server of your own may need none"`
	OpenAIURL      string        `env:"OPENAI_URL" help:"where the language model is asked, up to /v1, like http://localhost:11434/v1 for Ollama; OpenAI itself if nothing is set"`

	KakaoLoginID      string    `env:"KAKAO_LOGIN_ID" theme:"Signing in with others" help:"REST API key of an app at developers.kakao.com, to sign in with Kakao; without one that is not offered. Switch on OpenID Connect there, and 닉네임 and 카카오계정(이메일) as what people may agree to"`
	KakaoLoginSecret  secret    `env:"KAKAO_LOGIN_SECRET" secret:"true" help:"client secret of that app, if it is switched on there"`
	KakaoLoginURL     string    `env:"KAKAO_LOGIN_URL" envDefault:"https://kauth.kakao.com" help:"issuer that Kakao is, by https or on this machine; make stubs prints one"`
	GoogleLoginID     string    `env:"GOOGLE_LOGIN_ID" help:"client id of console.cloud.google.com, to sign in with Google. Without one that is not offered"`
	GoogleLoginSecret secret    `env:"GOOGLE_LOGIN_SECRET" secret:"true" help:"client secret that goes with it"`
	GoogleLoginURL    string    `env:"GOOGLE_LOGIN_URL" envDefault:"https://accounts.google.com" help:"issuer that Google is"`
	NaverLoginID      string    `env:"NAVER_LOGIN_ID" help:"client id of developers.naver.com, to sign in with Naver. Without one that is not offered"`
	NaverLoginSecret  secret    `env:"NAVER_LOGIN_SECRET" secret:"true" help:"client secret that goes with it"`
	NaverLoginURL     string    `env:"NAVER_LOGIN_URL" envDefault:"https://nid.naver.com" help:"issuer that Naver is"`
	OIDCIssuer        string    `env:"OIDC_ISSUER" help:"issuer of any other OpenID Connect provider to sign in with, like https://login.example.com/realm"`
	OIDCID            string    `env:"OIDC_ID" help:"client id there"`
	OIDCSecret        secret    `env:"OIDC_SECRET" secret:"true" help:"client secret there, if it asks for one"`
	OIDCAuth          oidc.Auth `env:"OIDC_AUTH" envDefault:"auto" help:"how the client secret is sent there: basic, post, or auto for what the provider takes"`
	OIDCName          string    `env:"OIDC_NAME" envDefault:"OpenID" help:"what people are shown as its name"`
}

// onOff is a switch.
type onOff string

const (
	on  onOff = "on"
	off onOff = "off"
)

// UnmarshalText reads on or off.
func (o *onOff) UnmarshalText(text []byte) error {
	if *o = onOff(text); *o != on && *o != off {
		return errors.New("neither on nor off")
	}
	return nil
}

// emails says how e-mail addresses are shown to others.
type emails string

const (
	masked emails = "masked"
	full   emails = "full"
)

// UnmarshalText reads masked or full.
func (e *emails) UnmarshalText(text []byte) error {
	if *e = emails(text); *e != masked && *e != full {
		return errors.New("neither masked nor full")
	}
	return nil
}

// origin is a scheme, a host and maybe a port, written as browsers do.
type origin string

// UnmarshalText reads a URL that is nothing more than an origin.
func (o *origin) UnmarshalText(text []byte) error {
	u, err := url.Parse(strings.ToLower(string(text)))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || strings.TrimSuffix(u.Path, "/") != "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsFunc(u.Host, func(c rune) bool { return c > '~' }) {
		return errors.New("not an origin like https://mealbuddy.example, in ASCII and without a path")
	}
	usual := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	*o = origin(u.Scheme + "://" + strings.TrimSuffix(strings.TrimSuffix(u.Host, usual), ":"))
	return nil
}

// prefixes is a list of networks.
type prefixes []netip.Prefix

// UnmarshalText reads the list, in which an address is a network of its own.
func (p *prefixes) UnmarshalText(text []byte) error {
	*p = nil
	for s := range strings.SplitSeq(string(text), ",") {
		s = strings.TrimSpace(s)
		one, err := netip.ParsePrefix(s)
		if at, notOne := netip.ParseAddr(s); notOne == nil {
			one, err = at.WithZone("").Unmap().Prefix(at.Unmap().BitLen())
		}
		switch {
		case err != nil || one.Addr().Is4In6():
			return fmt.Errorf("%q is not an address like 10.0.0.1 or a network like 10.0.0.0/8", s)
		case one.Bits() == 0:
			return fmt.Errorf("%q is everybody, who cannot be trusted", s)
		}
		*p = append(*p, one.Masked())
	}
	return nil
}

func (c config) cost() auth.Cost { return auth.Cost{Memory: c.PasswordMemory, Time: c.PasswordTime} }

// keys is a list of secrets.
type keys []auth.Key

// UnmarshalText reads the list. Its errors do not repeat a secret.
func (k *keys) UnmarshalText(text []byte) error {
	*k = nil
	for s := range strings.SplitSeq(string(text), ",") {
		key, err := auth.ParseKey(s)
		if err != nil {
			return err
		}
		*k = append(*k, key)
	}
	if len(*k) > 2 {
		return errors.New("more than two keys")
	}
	return nil
}

// secret is a key for a service of others.
type secret string

// UnmarshalText reads a key. Its errors do not repeat it.
func (s *secret) UnmarshalText(text []byte) error {
	for _, c := range text {
		if c <= ' ' || c > '~' {
			return errors.New("not a key: it has spaces, or characters other than ASCII")
		}
	}
	*s = secret(text)
	return nil
}

// parseConfig reads the variables. An error names each one that is wrong.
func parseConfig(environ map[string]string) (config, error) {
	set := map[string]string{}
	for name, value := range environ {
		if value != "" { // an empty variable is as good as none
			set[name] = value
		}
	}
	if err := fromFiles(set); err != nil {
		return config{}, err
	}
	cfg, err := env.ParseAsWithOptions[config](env.Options{Environment: set, Prefix: prefix})
	if err != nil {
		return config{}, nameVariables(err)
	}
	if err := cfg.check(); err != nil {
		return cfg, err
	}
	return cfg, checkPairs(set) // of good values alone, or a wrong one would be told of twice
}

// fromFiles sets each secret X for which X_FILE names a file, to what that file
// holds. A line break at its end does not count.
func fromFiles(set map[string]string) error {
	var wrong []error
	for field := range reflect.TypeFor[config]().Fields() {
		name := prefix + field.Tag.Get("env")
		file, given := set[name+"_FILE"]
		if field.Tag.Get("secret") == "" || !given {
			continue
		}
		text, err := os.ReadFile(file) // #nosec G304 -- which the operator names
		value := strings.TrimRight(string(text), "\r\n")
		switch {
		case set[name] != "":
			wrong = append(wrong, fmt.Errorf("%s and %[1]s_FILE are both set, and only one may be", name))
		case err != nil:
			wrong = append(wrong, fmt.Errorf("%s_FILE: %w", name, err))
		case value == "":
			wrong = append(wrong, fmt.Errorf("%s_FILE: %s is empty", name, file))
		default:
			set[name] = value
		}
	}
	return errors.Join(wrong...)
}

func (c config) check() error {
	var wrong []error
	if err := checkAddr(c.Addr); err != nil {
		wrong = append(wrong, fmt.Errorf("%sADDR: %w", prefix, err))
	}
	if c.DebugAddr != "" {
		if err := checkAddr(c.DebugAddr); err != nil {
			wrong = append(wrong, fmt.Errorf("%sDEBUG_ADDR: %w", prefix, err))
		}
	}
	if c.Drain < 0 || c.Drain > 5*time.Minute {
		wrong = append(wrong, fmt.Errorf("%sDRAIN: %s is not within 0s and 5m", prefix, c.Drain))
	}
	if c.TokenLife < time.Minute || c.TokenLife > time.Hour {
		wrong = append(wrong, fmt.Errorf("%sTOKEN_LIFE: %s is not within 1m and 1h", prefix, c.TokenLife))
	}
	if err := c.cost().Check(); err != nil {
		wrong = append(wrong, fmt.Errorf("%sPASSWORD_MEMORY, %sPASSWORD_TIME: %w", prefix, prefix, err))
	}
	if u, err := url.Parse(c.KakaoURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		wrong = append(wrong, fmt.Errorf("%sKAKAO_URL: not a URL like https://dapi.kakao.com", prefix))
	}
	for name, address := range map[string]string{"KMA_URL": c.KMAURL, "OPENAI_URL": c.OpenAIURL} {
		u, err := url.Parse(address)
		if err != nil || address != "" && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "") {
			wrong = append(wrong, fmt.Errorf("%s%s: not a URL like https://example.com/v1", prefix, name))
		}
	}
	return errors.Join(append(wrong, c.checkLogins()...)...)
}

func (c config) checkLogins() (wrong []error) {
	for _, l := range []struct{ variable, issuer string }{
		{"KAKAO_LOGIN_URL", c.KakaoLoginURL},
		{"GOOGLE_LOGIN_URL", c.GoogleLoginURL},
		{"NAVER_LOGIN_URL", c.NaverLoginURL},
		{"OIDC_ISSUER", c.OIDCIssuer},
	} {
		if err := oidc.CheckIssuer(l.issuer); err != nil && l.issuer != "" {
			wrong = append(wrong, fmt.Errorf("%s%s: %w", prefix, l.variable, err))
		}
	}
	return wrong
}

// pairs are the variables that mean nothing alone: each with those of which it needs one.
var pairs = []struct {
	set   string
	needs []string
}{
	{"KAKAO_LOGIN_SECRET", []string{"KAKAO_LOGIN_ID"}},
	{"GOOGLE_LOGIN_ID", []string{"GOOGLE_LOGIN_SECRET"}},
	{"GOOGLE_LOGIN_SECRET", []string{"GOOGLE_LOGIN_ID"}},
	{"NAVER_LOGIN_ID", []string{"NAVER_LOGIN_SECRET"}},
	{"NAVER_LOGIN_SECRET", []string{"NAVER_LOGIN_ID"}},
	{"OIDC_ISSUER", []string{"OIDC_ID"}},
	{"OIDC_ID", []string{"OIDC_ISSUER"}},
	{"OIDC_SECRET", []string{"OIDC_ID"}},
	{"OIDC_NAME", []string{"OIDC_ID"}},
	{"OIDC_AUTH", []string{"OIDC_ID"}},
	{"OPENAI_MODEL", []string{"OPENAI_KEY", "OPENAI_URL"}},
	{"OPENAI_KEY", []string{"OPENAI_MODEL"}},
	{"OPENAI_URL", []string{"OPENAI_MODEL"}},
	{"KMA_KEY_PARAM", []string{"KMA_KEY"}},
}

// checkPairs returns an error for each variable that is set without what it needs.
func checkPairs(set map[string]string) error {
	var wrong []error
	for _, p := range pairs {
		missing := !slices.ContainsFunc(p.needs, func(name string) bool { return set[prefix+name] != "" })
		if set[prefix+p.set] != "" && missing {
			wrong = append(wrong, fmt.Errorf("%s%s is set without %[1]s%[3]s", prefix, p.set, strings.Join(p.needs, " or "+prefix)))
		}
	}
	return errors.Join(wrong...)
}

func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf("%q is not an address like :8080 or 127.0.0.1:8080", addr)
	}
	return nil
}

// plainly says what is wrong with a value of a type whose own errors are for programmers.
var plainly = map[reflect.Type]string{
	reflect.TypeFor[slog.Level]():    "none of debug, info, warn and error",
	reflect.TypeFor[time.Duration](): "not a duration like 30s or 5m",
	reflect.TypeFor[uint32]():        "not a whole number",
}

// nameVariables says of each error which variable it is about.
func nameVariables(err error) error {
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return err
	}
	var named []error
	for _, one := range all.Errors {
		wrong, ok := errors.AsType[env.ParseError](one)
		if !ok {
			named = append(named, one)
			continue
		}
		field, _ := reflect.TypeFor[config]().FieldByName(wrong.Name)
		if words, ok := plainly[field.Type]; ok {
			wrong.Err = errors.New(words)
		}
		named = append(named, fmt.Errorf("%s%s: %w", prefix, field.Tag.Get("env"), wrong.Err))
	}
	return errors.Join(named...)
}

// setting is a variable as people are told of it.
type setting struct {
	theme  string // "" if that of the one before
	name   string
	preset string // "" if there is none
	secret bool   // may be given as a file
	help   string
}

func settings() iter.Seq[setting] {
	return func(yield func(setting) bool) {
		for field := range reflect.TypeFor[config]().Fields() {
			tag := field.Tag
			if !yield(setting{tag.Get("theme"), prefix + tag.Get("env"), tag.Get("envDefault"), tag.Get("secret") != "", tag.Get("help")}) {
				return
			}
		}
	}
}

// describe prints every variable by theme, with its default, and a star on secrets.
func describe(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for s := range settings() {
		if s.theme != "" {
			fmt.Fprintf(table, "\n%s:\n", s.theme)
		}
		star := " "
		if s.secret {
			star = "*"
		}
		fmt.Fprintf(table, "%s %s\t%s\t%s\n", star, s.name, cmp.Or(s.preset, "(none)"), s.help)
	}
	table.Flush() // there is nowhere to report an error
}
