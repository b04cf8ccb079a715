#!/bin/sh
# Options and Traefik's own commands go to Traefik; anything else is run as it stands.
set -e

case ${1:-} in
  -* | version | healthcheck) set -- traefik "$@" ;;
esac
exec "$@"
