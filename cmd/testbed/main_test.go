package main

import (
	"context"
	"errors"
	"os/exec"
	"testing"
)

func TestExecuteEndsAsTheCommandDoes(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want int
	}{
		{"well", []string{"true"}, 0},
		{"with a status", []string{"sh", "-c", "exit 7"}, 7},
		{"killed", []string{"sh", "-c", "kill -9 $$"}, 1},
		{"told the variables", []string{"sh", "-c", `test "$ENGINE" = here`}, 0},
		{"told the environment", []string{"sh", "-c", `test -n "$PATH"`}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := execute(t.Context(), tt.args, []string{"ENGINE=here"})
			if got != tt.want || err != nil {
				t.Errorf("execute() = %d, %v; want %d", got, err, tt.want)
			}
		})
	}
}

func TestExecuteSaysWhatIsNotThere(t *testing.T) {
	if _, err := execute(t.Context(), []string{"/no/such/program"}, nil); err == nil {
		t.Error("no error for a program that is not there")
	}
}

func TestExecutePassesAStopOn(t *testing.T) {
	if _, err := exec.LookPath("sleep"); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, err := execute(ctx, []string{"sleep", "1000"}, nil)
	if status == 0 && !errors.Is(err, context.Canceled) {
		t.Errorf("execute() = %d, %v; want that it was stopped", status, err)
	}
}
