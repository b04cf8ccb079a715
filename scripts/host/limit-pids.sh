#!/bin/sh
# Limits the number of processes of a container, which the provider has no property for. The limit survives a restart.
#   DOCKER_HOST   the engine
#   CONTAINER_ID  the container
#   PIDS          the limit
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"
docker update --pids-limit "$PIDS" "$CONTAINER_ID" >/dev/null
