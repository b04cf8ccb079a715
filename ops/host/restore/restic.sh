# Asks the repository something. Without the cache: what is damaged there must be seen.
#   ARGUMENTS  one a line
IFS='
'
# shellcheck disable=SC2086 # a line an argument
exec restic --no-cache --no-lock $ARGUMENTS
