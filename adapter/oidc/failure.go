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

// These replace errors of libraries, which may quote an answer.
var (
	errBroken = errors.New("an answer that makes no sense")
	errCut    = errors.New("an answer that is too long, or breaks off")
)

// warn logs a failure, unless the client has disconnected. cause must not contain
// secrets.
func (rp *relyingParty) warn(ctx context.Context, cause error) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		rp.log.WarnContext(ctx, "signing in with a provider does not work", "provider", rp.id, "err", cause)
	}
}

// fail logs cause and returns refusal.
func (rp *relyingParty) fail(ctx context.Context, refusal *fault.Error, cause error) error {
	rp.warn(ctx, cause)
	return fmt.Errorf("sign in with %s: %w: %w", rp.id, cause, refusal)
}

// refused handles an authorization response with an error instead of a code.
func (rp *relyingParty) refused(ctx context.Context, answer url.Values) error {
	code := errorCode(single(answer, "error"))
	if code == "access_denied" {
		return fmt.Errorf("sign in with %s: %w", rp.id, social.ErrCancelled)
	}
	refusal := social.ErrFailed
	switch {
	case temporary(code):
		refusal = social.ErrAway
	case slices.Contains(setupCodes, code):
		refusal = social.ErrSetup
	}
	return rp.fail(ctx, refusal, fmt.Errorf("the answer is the error %s", code))
}

// errorCodes are the codes of RFC 6749 and OpenID Connect. Only these are logged,
// because the parameter may contain anything.
var errorCodes = []string{
	"access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_client", "invalid_grant",
	"invalid_request", "invalid_scope", "login_required", "redirect_uri_mismatch", "server_error", "temporarily_unavailable",
	"unauthorized_client", "unsupported_grant_type", "unsupported_response_type",
}

// setupCodes are those of errorCodes that only the operator can do something about.
var setupCodes = []string{"invalid_client", "invalid_scope", "redirect_uri_mismatch", "unauthorized_client", "unsupported_response_type"}

func errorCode(said string) string {
	if slices.Contains(errorCodes, said) {
		return said
	}
	return "unknown"
}

// kakaoCode matches Kakao's own error codes, such as KOE320.
var kakaoCode = regexp.MustCompile(`^KOE[0-9]{3}$`)

// scrubbed reduces the error of a request to parts that cannot be secret.
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
	_ = json.Unmarshal(refused.Body, &told) // only Kakao sends it
	code := errorCode(refused.ErrorCode)
	if kakaoCode.MatchString(told.Code) {
		code += " " + told.Code
	}
	return fmt.Errorf("status %d, error %s", refused.Response.StatusCode, code)
}

// unavailable reports whether the provider did not answer or is temporarily unavailable.
func unavailable(err error) bool {
	if _, unreached := errors.AsType[*url.Error](err); unreached {
		return true
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return false
	}
	status := refused.Response.StatusCode
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || temporary(refused.ErrorCode)
}

// refusesClient reports whether the provider does not take the client, or how it
// authenticates.
func refusesClient(err error) bool {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	return ok && (refused.ErrorCode == "invalid_client" || refused.ErrorCode == "unauthorized_client" || refused.Response.StatusCode == http.StatusUnauthorized)
}

// temporary reports whether an error code means a temporary problem of the provider.
func temporary(code string) bool { return code == "server_error" || code == "temporarily_unavailable" }
