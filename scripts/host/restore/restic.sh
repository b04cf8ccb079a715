# Asks the repository something. Without the cache: what is damaged there must be seen.
#   ARGUMENTS  one a line
#   PATIENCE   how long it may take, as timeout has it; 0 for ever. restic tries again for a quarter of an hour, without a word
# Ends with 124 where it took longer.
IFS='
'
# shellcheck disable=SC2086 # a line an argument
exec timeout "$PATIENCE" restic --no-cache --no-lock $ARGUMENTS
