# For scripts of the operator's machine that call docker: `. client.sh` lets it share ssh connections (see scripts/ssh/ssh), and gives it
# of the environment what scripts/environment/client-variables names, what PASS names, and what the script exports from here on.
# Pulumi's shells have its passphrase and the keys of its state's store there.
#   PASS  optional: names of variables, separated by blanks
client_root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
PATH=$client_root/ssh:$PATH

# shellcheck source=scripts/environment/withhold.sh
. "$client_root/environment/withhold.sh"
withhold "$client_root/environment/client-variables" "${PASS:-}" || exit 1
