package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Command is the argument that makes this program the child.
const Command = "extract"

// Limits on one file.
const (
	MaxFile  = 32 << 20 // bytes
	MaxText  = 8 << 20  // bytes of text
	MaxPages = 2000
	wall     = 20 * time.Second
	memory   = 512 << 20 // bytes on top of what the program takes to start
)

// Errors that say what is wrong with a file.
var (
	ErrTooLarge   = errors.New("the file is too large")
	ErrUnreadable = errors.New("the file cannot be read")
)

// Extractor takes the text out of files.
type Extractor struct {
	// Program is started as the child; empty: the program that runs.
	Program string
}

// Text returns the text of a file of kind "pdf" or "docx"; of a DOCX with its
// headings, lists and tables marked as in Markdown. Errors wrap [ErrTooLarge]
// or [ErrUnreadable] where the file is to blame.
func (e Extractor) Text(ctx context.Context, kind string, file []byte) (string, error) {
	if len(file) > MaxFile {
		return "", fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(file), MaxFile)
	}
	program := e.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return "", fmt.Errorf("find the program to extract with: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, wall)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, Command, kind)
	cmd.Env = []string{"GOMAXPROCS=1", "GOTRACEBACK=none"}
	cmd.Stdin = bytes.NewReader(file)
	out, log := &capped{max: MaxText + 1}, &capped{max: 1 << 10}
	cmd.Stdout, cmd.Stderr = out, log
	cmd.WaitDelay = time.Second
	isolate(cmd)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		return "", fmt.Errorf("%w: reading it took more than %s", ErrUnreadable, wall)
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit) && exit.ExitCode() == refused:
		return "", fmt.Errorf("%w: %s", ErrUnreadable, firstLine(log.String()))
	case errors.As(err, &exit):
		return "", fmt.Errorf("%w: its reader ended with %s", ErrUnreadable, exit.ProcessState)
	case err != nil:
		return "", fmt.Errorf("extract: %w", err)
	case out.Len() > MaxText:
		return "", fmt.Errorf("%w: it holds more than %d bytes of text", ErrTooLarge, MaxText)
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD"), nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// capped keeps the first max bytes and drops the rest.
type capped struct {
	bytes.Buffer
	max int
}

func (c *capped) Write(p []byte) (int, error) {
	if room := c.max - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// refused is the child's exit status for a file that it cannot read; any other
// but 0 means that a limit, or a fault of the reader, ended it.
const refused = 3

// Child is the child's whole life: it limits itself, reads a file of the kind
// named in args from in and writes its text to out. It returns the exit status.
func Child(args []string, in io.Reader, out, log io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(log, "extract is started by frontdesk itself, with one kind of file")
		return 2
	}
	if err := limit(); err != nil {
		fmt.Fprintln(log, "limits:", err)
		return 2
	}
	file, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	if err != nil {
		fmt.Fprintln(log, "input:", err)
		return 2
	}
	text, err := Read(args[0], file)
	if err != nil {
		fmt.Fprintln(log, err)
		return refused
	}
	if _, err := io.WriteString(out, text); err != nil {
		return 2
	}
	return 0
}

// Read takes the text out of a file in this process, without limits on time or
// memory but those of the readers themselves.
func Read(kind string, file []byte) (string, error) {
	switch kind {
	case "pdf":
		return readPDF(file)
	case "docx":
		return readDOCX(file)
	}
	return "", fmt.Errorf("no reader for files of kind %q", kind)
}
