#!/bin/bash
# What mongo:8.0's entry point does for mongod, without the first-start scripts and users (MONGO_INITDB_*).
set -Eeuo pipefail

for name in "${!MONGO_INITDB_@}"; do
  echo "$name: is not supported by this image (got a value); unset it" >&2
  exit 1
done

[[ ${1:-} != -* ]] || set -- mongod "$@"

if [[ ${1:-} == mongo* && $(id -u) == 0 ]]; then
  if [[ $1 == mongod ]]; then
    find /data/configdb /data/db ! -user mongodb -exec chown mongodb '{}' +
  fi
  # mongod opens its log by name, which needs an owned terminal or pipe.
  chown --dereference mongodb "/proc/$$/fd/1" "/proc/$$/fd/2" || :
  exec setpriv --reuid mongodb --regid mongodb --clear-groups "${BASH_SOURCE[0]}" "$@"
fi

# Without a word about addresses mongod would listen on localhost only.
if [[ ${1:-} == mongod ]]; then
  listens=false
  for argument; do
    case $argument in
      --bind_ip | --bind_ip=* | --bind_ip_all | --config | --config=* | -f | -f?*) listens=true ;;
    esac
  done
  $listens || set -- "$@" --bind_ip_all
fi
exec "$@"
