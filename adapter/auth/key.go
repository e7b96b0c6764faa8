package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrKey means that a key is invalid. It does not contain the key.
var ErrKey = errors.New("a token key is 32 random bytes in base64")

// ParseKey decodes a key from base64.
func ParseKey(s string) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil || len(raw) != len(Key{}) || Key(raw) == (Key{}) {
		return Key{}, ErrKey
	}
	return Key(raw), nil
}

// Fingerprint identifies a key, and tells nothing about it.
func (k Key) Fingerprint() string {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte("mealbuddy token key"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}

const keyFile = "token.key"

// OwnKey reads the key in dir. If there is none, it creates one that only the file's
// owner can read, and returns made as true.
func OwnKey(dir string) (k Key, made bool, err error) {
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path) // #nosec G304 -- in the data folder
	if err == nil {
		if k, err = ParseKey(string(text)); err != nil {
			return Key{}, false, fmt.Errorf("%s: %w", path, err)
		}
		return k, false, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Key{}, false, fmt.Errorf("read token key: %w", err)
	}
	rand.Read(k[:]) // never fails
	return k, true, keep(path, []byte(base64.StdEncoding.EncodeToString(k[:])+"\n"))
}

// keep writes a file atomically and durably.
func keep(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), keyFile+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keep token key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("keep token key: %w", err)
	}
	return nil
}

// syncDir makes the entries of a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path) // #nosec G304 -- the data folder
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
