// Command pulumi-resource-random serves RandomPassword of @pulumi/random.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// version is that of the npm SDK served, set by build.sh.
var version = "0.0.0"

func main() {
	provider, err := infer.NewProviderBuilder().WithResources(infer.Resource(&RandomPassword{})).Build()
	if err == nil {
		err = p.RunProvider(context.Background(), "random", version, provider)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
