package main

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Command is a resource whose life cycle is a set of shell commands.
//
// How secrets and unknown values flow is infer's default, as in the published plugin: an input that is secret is secret in
// the state, stdout and stderr are not, and both are unknown in a preview when any input changes.
type Command struct{}

// Inputs are what a program sets. A nil field was left out.
type Inputs struct {
	// Create runs once, and again on an update when there is no Update.
	Create *string `pulumi:"create,optional"`
	Update *string `pulumi:"update,optional"`
	Delete *string `pulumi:"delete,optional"`
	// Triggers replace the resource when they change.
	Triggers *[]any `pulumi:"triggers,optional" provider:"replaceOnChanges"`

	Stdin       *string            `pulumi:"stdin,optional"`
	Environment *map[string]string `pulumi:"environment,optional"`
	// Dir is where the commands run. Default: the plugin's working directory, which is the program's.
	Dir *string `pulumi:"dir,optional"`
	// Interpreter is the program and arguments before the command. Default: /bin/sh -c.
	Interpreter *[]string `pulumi:"interpreter,optional"`
	// Logging says which output is shown while a command runs. Default: all.
	Logging *Logging `pulumi:"logging,optional"`
	// AddPreviousOutputInEnv hands the last run's output to the next as PULUMI_COMMAND_STDOUT and _STDERR. Default: true.
	AddPreviousOutputInEnv *bool `pulumi:"addPreviousOutputInEnv,optional"`
}

// Output is what the last create or update printed, without the last newline.
type Output struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// State is what the engine remembers.
type State struct {
	Inputs
	Output
}

// Annotate names the resource type.
func (*Command) Annotate(a infer.Annotator) { a.SetToken("local", "Command") }

// Create runs the create command.
func (*Command) Create(ctx context.Context, req infer.CreateRequest[Inputs]) (infer.CreateResponse[State], error) {
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err != nil {
		return infer.CreateResponse[State]{}, err
	}
	state, err := step(ctx, req.Inputs.Create, req.Inputs, Output{}, req.DryRun)
	return infer.CreateResponse[State]{ID: id, Output: state}, err
}

// Update runs the update command, or create when there is none.
func (*Command) Update(ctx context.Context, req infer.UpdateRequest[Inputs, State]) (infer.UpdateResponse[State], error) {
	command := req.Inputs.Update
	if command == nil {
		command = req.Inputs.Create
	}
	state, err := step(ctx, command, req.Inputs, req.State.Output, req.DryRun)
	return infer.UpdateResponse[State]{Output: state}, err
}

// Delete runs the delete command with the inputs of the last create or update.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[State]) (infer.DeleteResponse, error) {
	_, err := step(ctx, req.State.Delete, req.State.Inputs, req.State.Output, false)
	return infer.DeleteResponse{}, err
}

// step runs command, unless there is none or this is a preview; the previous output then stays.
func step(ctx context.Context, command *string, in Inputs, previous Output, preview bool) (State, error) {
	state := State{Inputs: in, Output: previous}
	if command == nil || preview {
		return state, nil
	}
	output, err := run(ctx, *command, in, previous)
	if err == nil {
		state.Output = output
	}
	return state, err
}
