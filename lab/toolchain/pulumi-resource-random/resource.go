package main

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// RandomPassword is a password that is made once and kept until an input changes. It has no update: every change replaces.
type RandomPassword struct{}

// Inputs are what a program sets. A nil field was left out.
type Inputs struct {
	Keepers         *map[string]string `pulumi:"keepers,optional"`
	Length          int                `pulumi:"length"`
	Lower           *bool              `pulumi:"lower,optional"`
	Upper           *bool              `pulumi:"upper,optional"`
	Numeric         *bool              `pulumi:"numeric,optional"`
	Number          *bool              `pulumi:"number,optional"`
	Special         *bool              `pulumi:"special,optional"`
	OverrideSpecial *string            `pulumi:"overrideSpecial,optional"`
	MinLower        *int               `pulumi:"minLower,optional"`
	MinUpper        *int               `pulumi:"minUpper,optional"`
	MinNumeric      *int               `pulumi:"minNumeric,optional"`
	MinSpecial      *int               `pulumi:"minSpecial,optional"`
}

// State is the password and the rules it was made by, defaults filled in.
type State struct {
	Keepers         *map[string]string `pulumi:"keepers,optional"`
	Length          int                `pulumi:"length"`
	Lower           bool               `pulumi:"lower"`
	Upper           bool               `pulumi:"upper"`
	Numeric         bool               `pulumi:"numeric"`
	Number          bool               `pulumi:"number"`
	Special         bool               `pulumi:"special"`
	OverrideSpecial *string            `pulumi:"overrideSpecial,optional"`
	MinLower        int                `pulumi:"minLower"`
	MinUpper        int                `pulumi:"minUpper"`
	MinNumeric      int                `pulumi:"minNumeric"`
	MinSpecial      int                `pulumi:"minSpecial"`
	Result          string             `pulumi:"result" provider:"secret"`
	BcryptHash      string             `pulumi:"bcryptHash" provider:"secret"`
}

// Annotate names the resource type.
func (*RandomPassword) Annotate(a infer.Annotator) {
	a.SetToken("index/randomPassword", "RandomPassword")
}

// Check refuses rules that no password can satisfy. What depends on an unknown input is checked once it is known.
func (*RandomPassword) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[Inputs], error) {
	inputs, failures, err := infer.DefaultCheck[Inputs](ctx, req.NewInputs)
	if err != nil || len(failures) > 0 || property.New(req.NewInputs).HasComputed() {
		return infer.CheckResponse[Inputs]{Inputs: inputs, Failures: failures}, err
	}
	for _, fault := range rulesOf(inputs).faults() {
		failures = append(failures, p.CheckFailure(fault))
	}
	if inputs.Number != nil && inputs.Numeric != nil && *inputs.Number != *inputs.Numeric {
		failures = append(failures, p.CheckFailure{Property: "number",
			Reason: "must equal numeric, of which it is an old name; remove number"})
	}
	return infer.CheckResponse[Inputs]{Inputs: inputs, Failures: failures}, nil
}

// Create makes the password. A preview leaves it unknown.
func (*RandomPassword) Create(_ context.Context, req infer.CreateRequest[Inputs]) (infer.CreateResponse[State], error) {
	in, rules := req.Inputs, rulesOf(req.Inputs)
	state := State{
		Keepers: in.Keepers, Length: rules.length, OverrideSpecial: in.OverrideSpecial,
		Lower: rules.lower.allowed, Upper: rules.upper.allowed, Special: rules.special.allowed,
		Numeric: rules.numeric.allowed, Number: rules.numeric.allowed,
		MinLower: rules.lower.minimum, MinUpper: rules.upper.minimum,
		MinNumeric: rules.numeric.minimum, MinSpecial: rules.special.minimum,
	}
	if req.DryRun {
		return infer.CreateResponse[State]{ID: "none", Output: state}, nil
	}
	var err error
	if state.Result, err = rules.password(); err == nil {
		state.BcryptHash, err = hash(state.Result)
	}
	return infer.CreateResponse[State]{ID: "none", Output: state}, err
}

func rulesOf(in Inputs) rules {
	specials := defaultSpecials
	if in.OverrideSpecial != nil && *in.OverrideSpecial != "" {
		specials = *in.OverrideSpecial
	}
	numeric := in.Numeric
	if numeric == nil {
		numeric = in.Number
	}
	return rules{
		length:  in.Length,
		lower:   class{"abcdefghijklmnopqrstuvwxyz", or(in.Lower, true), or(in.MinLower, 0)},
		upper:   class{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", or(in.Upper, true), or(in.MinUpper, 0)},
		numeric: class{"0123456789", or(numeric, true), or(in.MinNumeric, 0)},
		special: class{specials, or(in.Special, true), or(in.MinSpecial, 0)},
	}
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
