#!/bin/sh
# Limits the number of processes of a container, which the provider has no property for. The limit survives a restart.
#   DOCKER_HOST   the engine
#   CONTAINER_ID  the container
#   PIDS          the limit
set -eu
PATH=$(CDPATH='' cd -- "$(dirname -- "$0")/../ssh" && pwd):$PATH # a remote engine: see ops/ssh/ssh
docker update --pids-limit "$PIDS" "$CONTAINER_ID" >/dev/null
