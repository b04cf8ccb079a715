#!/bin/sh
# Keeps the root that the site's present certificate leads to, beside that certificate.
#   ROOT_FILE                               host path of the root, below MOUNT
#   CONTAINER                               running container with node on the front door's network
#   TEST_CA, SITE_ADDRESS, SITE_PORT, SITE_HOSTNAME   see root.js
#   DOCKER_HOST, HELPER_IMAGE, MOUNT        see scripts/host/helper.sh
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/../host/client.sh"
export HELPER_IMAGE MOUNT TEST_CA SITE_ADDRESS SITE_PORT SITE_HOSTNAME

KEPT_ROOT=$(FILE="$ROOT_FILE" PASS=FILE sh scripts/host/helper.sh scripts/host/read-file.sh < /dev/null)
export KEPT_ROOT
root=$(docker exec --interactive --env KEPT_ROOT --env TEST_CA --env SITE_ADDRESS --env SITE_PORT --env SITE_HOSTNAME \
  "$CONTAINER" node - < scripts/test-ca/root.js)
export FILE="$ROOT_FILE" OWNER=0:0 MODE=0444
printf '%s\n' "$root" | PASS="FILE OWNER MODE" sh scripts/host/helper.sh scripts/host/write-file.sh
