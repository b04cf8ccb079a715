# Loads a dump into the workspace's database, under other names.
#   ARCHIVE       absolute path of the dump
#   FROM, TO      database of the dump; of the workspace
#   PREFIX        goes before the name of each collection
#   URI           of the database, without a password
#   standard input: the password
umask 077
config=$(mktemp)
trap 'rm -f "$config"' EXIT
# A password is letters and digits, or one of another tool: as a YAML text.
printf "password: '%s'\n" "$(sed "s/'/''/g")" > "$config"
mongorestore --config="$config" --uri="$URI" --archive="$ARCHIVE" --stopOnError \
  --nsInclude="$FROM.*" --nsExclude="$FROM.system.*" --nsFrom="$FROM.\$collection\$" --nsTo="$TO.$PREFIX\$collection\$" >&2
