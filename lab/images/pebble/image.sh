# shellcheck shell=bash
# lab/pebble: the contract of ghcr.io/letsencrypt/pebble:2.8.0: the program is /app, there is no shell. Unlike the
# official image it brings no configuration and no certificates under /test: mount both.

duration() { echo "10 seconds"; }
also_from() { :; }

rootfs() {
  debian_version "$1" pebble "$PEBBLE_VERSION"
  install -m 755 "$1/usr/bin/pebble" "$2/app"
  install_libraries "$1" "$2" app
}

changes() {
  cat <<END
$PATH_LINE
EXPOSE 14000
EXPOSE 15000
ENTRYPOINT ["/app"]
LABEL org.opencontainers.image.title="Pebble, lab build" org.opencontainers.image.version=$PEBBLE_VERSION
END
}
