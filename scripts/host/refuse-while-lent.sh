#!/bin/sh
# Fails while a container that is not the stack's own is on one of its networks, running or not.
#   DOCKER_HOST  the engine
#   NETWORKS     names of the networks, separated by blanks
#   CONTAINERS   names of the stack's own containers, separated by blanks
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"

borrowers=
for network in $NETWORKS; do
  names=$(docker ps --all --filter "network=$network" --format '{{.Names}}')
  for name in $names; do
    case " $CONTAINERS $borrowers " in
      *" $name "*) ;;
      *) borrowers="${borrowers:+$borrowers }$name" ;;
    esac
  done
done
[ -n "$borrowers" ] || exit 0

echo "networks $NETWORKS: must have no user but this stack (got $borrowers); take those down first, or disconnect them: docker network disconnect NETWORK CONTAINER" >&2
exit 1
