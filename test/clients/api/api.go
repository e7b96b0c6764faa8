// Package api is the client that oapi-codegen makes from openapi.yaml. A test makes it and
// adds it to this package as it builds: see TestTheGeneratedClientOfGo.
package api

import _ "github.com/oapi-codegen/runtime" // what the client needs
