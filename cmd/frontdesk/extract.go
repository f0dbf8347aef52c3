package main

import (
	"context"
	"os"

	"frontdesk/kb/extract"
)

// extractCommand is the child that reads PDF and DOCX files. It has no summary:
// frontdesk starts it itself.
var extractCommand = command{
	name: extract.Command,
	run: func(_ context.Context, args []string) error {
		os.Exit(extract.Child(args, os.Stdin, os.Stdout, os.Stderr))
		return nil
	},
}
