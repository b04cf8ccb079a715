package main

import (
	"bytes"
	"context"

	p "github.com/pulumi/pulumi-go-provider"
)

// Logging chooses the output that is shown while a command runs; what is captured does not depend on it.
// The fourth value is "none".
type Logging string

const (
	logStdout Logging = "stdout"
	logStderr Logging = "stderr"
	logBoth   Logging = "stdoutAndStderr"
)

func (l *Logging) stdout() bool { return l == nil || *l == logStdout || *l == logBoth }
func (l *Logging) stderr() bool { return l == nil || *l == logStderr || *l == logBoth }

// lines hands each whole line written to it to show.
type lines struct {
	show    func(string)
	pending []byte
}

// lineLog shows lines as messages of the resource, or drops them.
func lineLog(ctx context.Context, enabled bool) *lines {
	if !enabled {
		return &lines{show: func(string) {}}
	}
	return &lines{show: p.GetLogger(ctx).Info}
}

func (l *lines) Write(text []byte) (int, error) {
	l.pending = append(l.pending, text...)
	for {
		line, rest, found := bytes.Cut(l.pending, []byte("\n"))
		if !found {
			return len(text), nil
		}
		l.show(string(line))
		l.pending = rest
	}
}

// Close shows a last line that has no newline.
func (l *lines) Close() {
	if len(l.pending) > 0 {
		l.show(string(l.pending))
	}
	l.pending = nil
}
