#!/bin/sh
# Closes the setup wizard, which Rocket.Chat's first start in a version leaves open although the environment closes it: one restart of the
# container, which the front door holds requests for, and nothing where it is closed. Repeated after a kill, it looks first.
#
#   DOCKER_HOST     the engine
#   CONTAINER       Rocket.Chat's
#   PORT            it listens on, inside
#   STOP_SECONDS    how long it may take to stop
#   GATE_ADDRESS, GATE_PORT, GATE_HOSTNAME   the front door, as for scripts/rocketchat/gate.js
#   IMAGE           optional: not read; another one has a step run again
set -eu
PASS="PORT SETTING GATE_ADDRESS GATE_PORT GATE_HOSTNAME"
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"
export CONTAINER PASS PORT SETTING=Show_Setup_Wizard GATE_ADDRESS GATE_PORT GATE_HOSTNAME

node_script() { sh scripts/host/exec-script.sh node "scripts/rocketchat/$1"; }
is_open() {
  state=$(node_script public-setting.js) || exit 1 # no answer is no reason to restart it
  [ "$state" != completed ] && [ "$state" != unknown ]
}

is_open || exit 0
docker restart --time "$STOP_SECONDS" "$CONTAINER" >/dev/null
node_script gate.js
if is_open; then
  echo "the setup wizard is still open after a restart ($state): an administrator's browser is led to it; finish it there" >&2
fi
