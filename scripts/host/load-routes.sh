# Loads a directory of routes as Traefik does when it starts, and says what came of it. Runs in Traefik's own image, without a network.
#   DIRECTORY  absolute path; may be somebody else's
#
# Prints lines whose parts are separated by tabs, a `?` for each control character of a name:
#   pipe     PATH   what is read like a file and is none: Traefik would wait for it, so nothing is loaded then
#   away     PATH   a link that leads nowhere from here, where the directory alone is to be seen; 20 at most
#   ignored  PATH   what looks like routes and is not read, for the end of its name; 20 at most
#   warn     JSON   a line of Traefik's log on a name that two files use; 20 at most
#   failed   JSON   a line of Traefik's log on what does not load; the first is all that Traefik looks at
#   loaded          all of it
tab=$(printf '\t')
names() { tr '\001-\037\177' '?' | tr '\000' '\n' | head -n 20 | sed "s/^/$1$tab/"; }

# As Traefik takes the end of a name: in any case.
is_read() { find "$DIRECTORY" "$@" \( -iname '*.yml' -o -iname '*.yaml' -o -iname '*.toml' \) -print0; }
is_read ! -type f ! -type l ! -type d | names pipe
is_read -type l ! -exec test -e {} \; | names away
find "$DIRECTORY" -type f \( -iname '*.yml*' -o -iname '*.yaml*' -o -iname '*.toml*' -o -iname '*.json' \) \
  ! -iname '*.yml' ! -iname '*.yaml' ! -iname '*.toml' -print0 | names ignored
if [ -n "$(is_read ! -type f ! -type l ! -type d | head -c 1)" ]; then exit 0; fi

log=${TMPDIR:-/tmp}/load-routes.log
: > "$log"
traefik --global.checknewversion=false --global.sendanonymoususage=false --log.level=DEBUG --log.format=json \
  --entrypoints.web.address=127.0.0.1:61080 --providers.providersthrottleduration=0s \
  --providers.file.directory="$DIRECTORY" --providers.file.watch=false > "$log" 2>&1 &
traefik=$!

cannot_start='"Cannot start the provider \*file\.Provider'
lines() { grep "\"level\":\"$1" "$log" | grep -e '"providerName":"file"' -e "\"message\":$cannot_start" -e "\"msg\":$cannot_start"; }
has_ended() { lines error > /dev/null || lines debug | grep -q 'Configuration received'; }
tries=0
until has_ended || [ "$tries" -ge 50 ] || ! kill -0 "$traefik" 2> /dev/null; do
  tries=$((tries + 1))
  sleep 0.2
done
kill "$traefik" 2> /dev/null || true

lines warn | grep 'already configured' | head -n 20 | sed "s/^/warn$tab/"
if lines error > /dev/null; then
  lines error | head -n 1 | sed "s/^/failed$tab/"
elif lines debug | grep -q 'Configuration received'; then
  echo loaded
else
  tail -n 1 "$log" | head -c 1000 >&2
  exit 1
fi
rm "$log"
