package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// misuse is a call that says something that the command does not know. usage
// is the command's help.
type misuse struct{ reason, usage string }

func (m *misuse) Error() string { return m.reason }

// explain prints what is wrong with a call of the command name, and how it is
// called.
func (m *misuse) explain(w io.Writer, name string) {
	how, _, _ := strings.Cut(m.usage, "\n\n")
	fmt.Fprintf(w, "frontdesk %s: %s\n\n%s\n\nfrontdesk %s --help tells more.\n", name, m.reason, how, name)
}

// parse reads args into flags. Where help is asked for it prints usage, the
// command's help, and returns flag.ErrHelp; what is wrong with args is a
// *misuse.
func parse(flags *flag.FlagSet, usage string, args []string) error {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(os.Stdout, usage)
		return err
	case err != nil:
		return &misuse{plainly(err.Error()), usage}
	}
	return nil
}

// parseAll is parse for a command that takes flags alone.
func parseAll(flags *flag.FlagSet, usage string, args []string) error {
	if err := parse(flags, usage, args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return &misuse{fmt.Sprintf("unexpected argument %q", flags.Arg(0)), usage}
	}
	return nil
}

// plainly says what package flag finds wrong in the words of the help.
func plainly(fault string) string {
	for _, words := range [][2]string{{"flag provided but not defined: -", "there is no flag "}, {"flag needs an argument: -", "a value is missing after "}} {
		if name, ok := strings.CutPrefix(fault, words[0]); ok {
			return words[1] + dashed(name)
		}
	}
	var value, name string
	if n, _ := fmt.Sscanf(fault, "invalid value %q for flag -%s", &value, &name); n == 2 {
		return fmt.Sprintf("%s cannot be %q", dashed(strings.TrimSuffix(name, ":")), value)
	}
	return fault
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// parseVerb reads a word that says what to do, one of known, and the flags
// after it. Help may be asked for in place of the word too.
func parseVerb(flags *flag.FlagSet, usage string, args []string, do *string, known ...string) error {
	switch {
	case len(args) > 0 && slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]):
		return parse(flags, usage, []string{"--help"})
	case len(args) == 0:
		return &misuse{"say what to do: " + strings.Join(known, ", "), usage}
	case !slices.Contains(known, args[0]):
		return &misuse{fmt.Sprintf("%q is none of %s", args[0], strings.Join(known, ", ")), usage}
	}
	*do = args[0]
	return parse(flags, usage, args[1:])
}
