// Command pulumi-resource-docker serves the docker resources of @pulumi/docker with the same Terraform provider and the
// same bridge as the published plugin. It maps only what the table below names. Where the published plugin adds a rule of its own
// (a container is deleted before it is replaced, two fields keep their singular names, names are generated when left out), so does this.
package main

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// version is that of the npm SDK served, set by build.sh.
var version = "0.0.0"

// token gives docker:index/remoteImage:RemoteImage for RemoteImage.
func token(name string) tokens.ModuleMember {
	return tokens.ModuleMember("docker:index/" + strings.ToLower(name[:1]) + name[1:] + ":" + name)
}

func main() {
	info := tfbridge.ProviderInfo{
		P:            shimv2.NewProvider(shim.NewProvider()),
		Name:         "docker",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{EnvVars: []string{"DOCKER_HOST"}, Value: "unix:///var/run/docker.sock"}},
		},
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	for tf, name := range map[string]string{
		"docker_container": "Container", "docker_image": "RemoteImage", "docker_registry_image": "RegistryImage",
		"docker_network": "Network", "docker_volume": "Volume", "docker_config": "ServiceConfig", "docker_secret": "Secret",
		"docker_service": "Service", "docker_plugin": "Plugin", "docker_tag": "Tag", "docker_buildx_builder": "BuildxBuilder",
	} {
		info.Resources[tf] = &tfbridge.ResourceInfo{Tok: tokens.Type(token(name))}
	}
	container := info.Resources["docker_container"]
	container.DeleteBeforeReplace = true
	container.Fields = map[string]*tfbridge.SchemaInfo{
		"command":           {Name: "command"},
		"networks_advanced": {Name: "networksAdvanced"},
	}
	info.Resources["docker_image"].Fields = map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}}
	info.SetAutonaming(255, "-")
	for tf, name := range map[string]string{
		"docker_registry_image": "RegistryImage", "docker_network": "Network", "docker_image": "RemoteImage",
		"docker_logs": "Logs", "docker_plugin": "Plugin", "docker_registry_image_manifests": "RegistryImageManifests",
	} {
		t := token(name)
		mod, mem, _ := strings.Cut(string(t), "/")
		mem = "get" + name
		info.DataSources[tf] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(mod + "/" + mem + ":" + mem)}
	}
	schema := fmt.Appendf(nil, `{"name":"docker","version":%q}`, version)
	tfbridge.Main("docker", version, info, schema)
}
