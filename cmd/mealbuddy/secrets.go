package main

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/Group-buying-service/mealbuddy/adapter/auth"
	"github.com/Group-buying-service/mealbuddy/domain/signin"
)

// secrets is what keeps and makes secrets.
type secrets struct {
	keys      keys
	tokens    *auth.Tokens
	seal      *auth.Seal
	shares    *auth.ShareCodes
	passwords *auth.Passwords
}

func newSecrets(cfg config, log *slog.Logger) (s secrets, err error) {
	signing, err := signingKeys(cfg, log)
	if err != nil {
		return secrets{}, err
	}
	s.keys = signing
	s.tokens = auth.NewTokens(cfg.TokenLife, time.Now, rand.Text, signing[0], signing[1:]...)
	if s.seal, err = auth.NewSeal(signing[0], signing[1:]...); err != nil {
		return secrets{}, err
	}
	if s.shares, err = auth.NewShareCodes(signing[0], signing[1:]...); err != nil {
		return secrets{}, err
	}
	s.passwords, err = auth.NewPasswords(cfg.cost())
	return s, err
}

// errNoKeys is about nodes that would each make a key of their own.
var errNoKeys = errors.New("nodes that share a database sign with the same keys")

// signingKeys returns the keys of the configuration, or the data folder's own.
func signingKeys(cfg config, log *slog.Logger) (keys, error) {
	if len(cfg.TokenKeys) > 0 {
		return cfg.TokenKeys, nil
	}
	own, made, err := auth.OwnKey(cfg.Data)
	if err != nil {
		return nil, err
	}
	if made {
		log.Info("made a token key, kept in the data folder", "data", cfg.Data)
	}
	return keys{own}, nil
}

// random makes a secret. It can't fail: the program ends if the system has no entropy.
func random() (s signin.Secret) {
	rand.Read(s[:])
	return s
}
