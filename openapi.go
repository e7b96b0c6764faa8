// Package mealbuddy holds the description of the API, so that the program can
// carry it.
package mealbuddy

import _ "embed"

// OpenAPI is openapi.yaml, which `make openapi` bundles from api/.
//
//go:embed openapi.yaml
var OpenAPI []byte
