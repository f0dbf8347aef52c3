package main

import (
	"context"
	"os"

	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/embedded/chdb"
)

// engineCommand is the child process of the embedded ClickHouse. It has no
// summary: frontdesk starts it itself.
var engineCommand = command{
	name: embedded.ClickHouseCommand,
	run: func(ctx context.Context, args []string) error {
		return chdb.Child(ctx, args, os.Stdin)
	},
}
