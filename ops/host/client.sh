# For scripts of the operator's machine that call docker: `. client.sh` lets it share ssh connections (see ops/ssh/ssh), and gives it
# of the environment what ops/environment/client-variables names, what PASS names, and what the script exports from here on.
# Pulumi's shells have its passphrase and the keys of its state's store there.
client_root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
PATH=$client_root/ssh:$PATH

for client_name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' |
  grep -vxE -f "$client_root/environment/client-variables"); do
  case " ${PASS:-} ${ROCKETCHAT_CLIENT_VARIABLES:-} BASHOPTS SHELLOPTS UID EUID PPID _ " in
    *" $client_name "*) continue ;;
  esac
  # The script itself keeps it.
  eval "client_value=\$$client_name; unset $client_name; $client_name=\$client_value"
done
unset client_name client_value
