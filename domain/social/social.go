// Package social defines sign-in through a provider such as Kakao, and its errors.
package social

import "github.com/Group-buying-service/mealbuddy/domain/fault"

// Errors about signing in through a provider.
var (
	ErrNoProvider = fault.New(fault.NotFound, "provider_not_found", "이 서버에는 준비되지 않은 로그인 방법이에요.")
	ErrCancelled  = fault.New(fault.Unauthenticated, "social_cancelled", "로그인을 취소했어요.")
	ErrFailed     = fault.New(fault.Unauthenticated, "social_failed", "로그인을 마치지 못했어요. 처음부터 다시 시도해 주세요.")
	ErrExpired    = fault.New(fault.Unauthenticated, "social_expired", "로그인하는 데 시간이 너무 오래 걸렸어요. 처음부터 다시 시도해 주세요.")
	ErrTaken      = fault.New(fault.Conflict, "identity_taken", "이미 다른 계정에 연결된 로그인이에요.")
	ErrNotLinked  = fault.New(fault.NotFound, "not_linked", "연결되어 있지 않은 로그인이에요.")
	ErrLastWay    = fault.New(fault.Conflict, "last_way", "마지막 남은 로그인 방법은 끊을 수 없어요. 비밀번호를 먼저 만들어 주세요.")
	ErrSetup      = fault.New(fault.Unavailable, "social_misconfigured", "이 로그인 방법은 설정이 맞지 않아 지금 쓸 수 없어요. 다른 방법으로 로그인하거나 운영자에게 알려 주세요.")
	ErrAway       = fault.New(fault.Unavailable, "social_unavailable", "지금은 이 방법으로 로그인할 수 없어요. 잠시 후 다시 시도해 주세요.")
)
