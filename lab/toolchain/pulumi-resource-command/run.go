package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// run runs command to its end and answers what it printed. It has no time limit of its own.
//
// The error of a failing command holds the command's text and all its output, as the published plugin's does.
func run(ctx context.Context, command string, in Inputs, previous Output) (Output, error) {
	arguments := []string{"/bin/sh", "-c"}
	if in.Interpreter != nil && len(*in.Interpreter) > 0 {
		arguments = *in.Interpreter
	}
	arguments = append(arguments[:len(arguments):len(arguments)], command)

	process := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	process.Env = environment(in, previous)
	if in.Dir != nil {
		process.Dir = *in.Dir
	}
	if in.Stdin != nil && *in.Stdin != "" {
		process.Stdin = strings.NewReader(*in.Stdin)
	}

	var stdout, stderr bytes.Buffer
	var both shared
	outLog, errLog := lineLog(ctx, in.Logging.stdout()), lineLog(ctx, in.Logging.stderr())
	process.Stdout = io.MultiWriter(&stdout, &both, outLog)
	process.Stderr = io.MultiWriter(&stderr, &both, errLog)

	err := process.Run()
	outLog.Close()
	errLog.Close()
	if err != nil {
		return Output{}, fmt.Errorf("%w: running %q:\n%s", err, command, both.String())
	}
	return Output{
		Stdout: strings.TrimSuffix(stdout.String(), "\n"),
		Stderr: strings.TrimSuffix(stderr.String(), "\n"),
	}, nil
}

// environment is the plugin's own, then the inputs', then the previous output.
func environment(in Inputs, previous Output) []string {
	result := os.Environ()
	if in.Environment != nil {
		for name, value := range *in.Environment {
			result = append(result, name+"="+value)
		}
	}
	if in.AddPreviousOutputInEnv != nil && !*in.AddPreviousOutputInEnv {
		return result
	}
	if previous.Stdout != "" {
		result = append(result, "PULUMI_COMMAND_STDOUT="+previous.Stdout)
	}
	if previous.Stderr != "" {
		result = append(result, "PULUMI_COMMAND_STDERR="+previous.Stderr)
	}
	return result
}

// shared is a buffer that both streams of a process write to.
type shared struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (s *shared) Write(text []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.Buffer.Write(text)
}
