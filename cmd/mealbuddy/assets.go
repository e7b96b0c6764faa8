package main

import (
	"context"
	"io"

	"github.com/Group-buying-service/mealbuddy/adapter/web"
)

// assets writes the files of the app. The next build carries them too, so that pages work
// while nodes of both releases serve.
func assets(_ context.Context, _ config, _ string, stdout, _ io.Writer) error {
	return web.WriteAssets(stdout)
}
