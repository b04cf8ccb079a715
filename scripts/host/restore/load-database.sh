# Loads a dump into the workspace's database, under other names.
#   ARCHIVE       absolute path of the dump
#   FROM, TO      database of the dump; of the workspace
#   PREFIX        goes before the name of each collection
#   URI           of the database, without a password
#   OPTIONS       more of mongorestore's, one a line
#   standard input: the password
umask 077
config=$(mktemp)
trap 'rm -f "$config"' EXIT
# A password is letters and digits, or one of another tool: as a YAML text.
printf "password: '%s'\n" "$(sed "s/'/''/g")" > "$config"
IFS='
'
set -f
# shellcheck disable=SC2086 # a line an option
mongorestore --config="$config" --uri="$URI" --archive="$ARCHIVE" --stopOnError $OPTIONS \
  --nsInclude="$FROM.*" --nsExclude="$FROM.system.*" --nsFrom="$FROM.\$collection\$" --nsTo="$TO.$PREFIX\$collection\$" >&2
