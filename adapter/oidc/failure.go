package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"golang.org/x/oauth2"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
	"github.com/Group-buying-service/mealbuddy/domain/social"
)

// These stand for what libraries say of an answer, since they may quote it.
var (
	errBroken = errors.New("an answer that makes no sense")
	errCut    = errors.New("an answer that is too long, or breaks off")
)

// warn logs what does not work, unless it is that the person has gone. The cause
// must hold no secret.
func (d *desk) warn(ctx context.Context, cause error) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		d.log.WarnContext(ctx, "signing in with a provider does not work", "provider", d.id, "err", cause)
	}
}

// fail warns, and gives the refusal that is due.
func (d *desk) fail(ctx context.Context, refusal *fault.Error, cause error) error {
	d.warn(ctx, cause)
	return fmt.Errorf("sign in with %s: %w: %w", d.id, cause, refusal)
}

// refused reads an answer that brings an error instead of a code.
func (d *desk) refused(ctx context.Context, answer url.Values) error {
	code := errorCode(single(answer, "error"))
	if code == "access_denied" {
		return fmt.Errorf("sign in with %s: %w", d.id, social.ErrCancelled)
	}
	refusal := social.ErrFailed
	if passing(code) {
		refusal = social.ErrAway
	}
	return d.fail(ctx, refusal, fmt.Errorf("the answer is the error %s", code))
}

// errorCodes are those of RFC 6749 and of OpenID Connect. What else is said in
// their place is not repeated, since it may be anything.
var errorCodes = []string{
	"access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_client", "invalid_grant",
	"invalid_request", "invalid_scope", "login_required", "redirect_uri_mismatch", "server_error", "temporarily_unavailable",
	"unauthorized_client", "unsupported_grant_type", "unsupported_response_type",
}

func errorCode(said string) string {
	if slices.Contains(errorCodes, said) {
		return said
	}
	return "unknown"
}

// kakaoCode is how Kakao tells its errors apart: KOE320.
var kakaoCode = regexp.MustCompile(`^KOE[0-9]{3}$`)

// scrubbed says of an error of a request only what cannot be a secret.
func scrubbed(err error) error {
	if named, ok := errors.AsType[*url.Error](err); ok {
		return named.Err // without the URL
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return errBroken
	}
	var told struct {
		Code string `json:"error_code"`
	}
	_ = json.Unmarshal(refused.Body, &told) // only Kakao has it
	code := errorCode(refused.ErrorCode)
	if kakaoCode.MatchString(told.Code) {
		code += " " + told.Code
	}
	return fmt.Errorf("status %d, error %s", refused.Response.StatusCode, code)
}

// away tells whether the provider did not answer, or only to say that it cannot.
func away(err error) bool {
	if _, unreached := errors.AsType[*url.Error](err); unreached {
		return true
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return false
	}
	status := refused.Response.StatusCode
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || passing(refused.ErrorCode)
}

// passing tells whether an error says no more than that the provider cannot now.
func passing(code string) bool { return code == "server_error" || code == "temporarily_unavailable" }
