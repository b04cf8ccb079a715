# shellcheck shell=sh
# Sourced by scripts/host/client.sh and scripts/ssh/ssh.

# withhold LIST NAMES: the commands that follow get of the environment only what the file LIST names by patterns, and what NAMES and
# ROCKETCHAT_CLIENT_VARIABLES name, separated by blanks; the script itself keeps all. awk tells a name from a line of a value that
# looks like one, such as a key's; gawk counts one of its own that is not there. Fails where the names or the list cannot be had.
withhold() {
  withheld_names=$(awk 'BEGIN { for (name in ENVIRON) if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/) print name }')
  if [ -z "$withheld_names" ] || [ ! -r "$1" ]; then
    echo "environment: must be readable by awk, and $1 be there (got neither or one of both); install awk, or clone the project anew" >&2
    return 1
  fi
  for withheld in $(printf '%s\n' "$withheld_names" | grep -vxE -f "$1"); do
    case " $2 ${ROCKETCHAT_CLIENT_VARIABLES:-} BASHOPTS SHELLOPTS UID EUID PPID _ withheld withheld_names withheld_value " in
      *" $withheld "*) continue ;;
    esac
    if eval "[ -z \"\${$withheld+set}\" ]"; then continue; fi
    eval "withheld_value=\$$withheld; unset $withheld; $withheld=\$withheld_value"
  done
  unset withheld withheld_names withheld_value
}
