package main

import (
	"context"
	"slices"
	"strings"
	"testing"
)

func ptr[T any](value T) *T { return &value }

func mustRun(t *testing.T, command string, in Inputs, previous Output) Output {
	t.Helper()
	output, err := run(context.Background(), command, in, previous)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func TestRunTrimsOneNewlineOfEachStream(t *testing.T) {
	got := mustRun(t, `printf 'out\n\n'; printf 'err\n' >&2`, Inputs{}, Output{})
	if want := (Output{"out\n", "err"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRunTakesStdinEnvironmentDirectoryAndInterpreter(t *testing.T) {
	t.Setenv("AMBIENT", "inherited")
	directory := t.TempDir()
	got := mustRun(t, `read -r line; echo "$line $OWN $AMBIENT $PWD"`, Inputs{
		Stdin:       ptr("typed\n"),
		Environment: &map[string]string{"OWN": "given"},
		Dir:         &directory,
		Interpreter: &[]string{"/bin/sh", "-c", `printf 'mine: '; eval "$1"`, "sh"},
	}, Output{})
	if want := "mine: typed given inherited " + directory; got.Stdout != want {
		t.Errorf("got %q, want %q", got.Stdout, want)
	}
}

func TestRunHandsOnThePreviousOutputUnlessToldNotTo(t *testing.T) {
	const command = `echo "${PULUMI_COMMAND_STDOUT-unset} ${PULUMI_COMMAND_STDERR-unset}"`
	previous := Output{"before", "trouble"}
	for _, test := range []struct {
		in   *bool
		want string
	}{{nil, "before trouble"}, {ptr(true), "before trouble"}, {ptr(false), "unset unset"}} {
		if got := mustRun(t, command, Inputs{AddPreviousOutputInEnv: test.in}, previous).Stdout; got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestAFailureTellsTheCommandAndAllItsOutput(t *testing.T) {
	_, err := run(context.Background(), "echo one; echo two >&2; exit 3", Inputs{}, Output{})
	if err == nil {
		t.Fatal("no error")
	}
	head := `exit status 3: running "echo one; echo two >&2; exit 3":` + "\n"
	body, found := strings.CutPrefix(err.Error(), head)
	if !found || !strings.Contains(body, "one\n") || !strings.Contains(body, "two\n") {
		t.Errorf("got %q", err)
	}
}

func TestAFailureToStartTellsTheCommand(t *testing.T) {
	_, err := run(context.Background(), "true", Inputs{Dir: ptr("/does/not/exist")}, Output{})
	if err == nil || !strings.Contains(err.Error(), `running "true":`) {
		t.Errorf("got %v", err)
	}
}

func TestLinesAreShownWhole(t *testing.T) {
	var shown []string
	log := &lines{show: func(line string) { shown = append(shown, line) }}
	for _, part := range []string{"a", "b\nc", "\n", "d"} {
		if _, err := log.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	log.Close()
	if want := []string{"ab", "c", "d"}; !slices.Equal(shown, want) {
		t.Errorf("got %q, want %q", shown, want)
	}
}

func TestLoggingChoosesStreams(t *testing.T) {
	for value, want := range map[*Logging][2]bool{
		nil: {true, true}, ptr(logBoth): {true, true}, ptr(logStdout): {true, false},
		ptr(logStderr): {false, true}, ptr(Logging("none")): {false, false},
	} {
		if got := [2]bool{value.stdout(), value.stderr()}; got != want {
			t.Errorf("%v: got %v, want %v", value, got, want)
		}
	}
}
