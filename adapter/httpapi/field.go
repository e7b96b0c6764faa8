package httpapi

import (
	"strings"

	"github.com/Group-buying-service/mealbuddy/domain/fault"
)

// wireNames has the fields that requests name differently from the domain, by
// their paths. A path that is not here is the same on the wire. No wire name is
// the path of another field, so names that handlers have given stay as they are.
var wireNames = map[string]string{
	"neighborhood":       "address",
	"password_again":     "password2",
	"old_password":       "current_password",
	"new_password":       "new_password1",
	"new_password_again": "new_password2",

	"seats":  "target_number",
	"closed": "is_compelete", // so misspelt in the contract
	"member": "target_user_id",

	"words": "q",
}

// onWire renames fields to what requests call them.
func onWire(fields fault.Fields) fault.Fields {
	named := make(fault.Fields, len(fields))
	for path, whys := range fields {
		named[wireName(path)] = whys
	}
	return named
}

// wireName replaces the longest part at the start of path that wireNames has.
func wireName(path string) string {
	for end := len(path); end > 0; end = strings.LastIndexAny(path[:end], ".[") {
		if name, ok := wireNames[path[:end]]; ok {
			return name + path[end:]
		}
	}
	return path
}
