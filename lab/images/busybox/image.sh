# shellcheck shell=bash
# lab/busybox: the contract of busybox:1.37. Debian's applet set, which lacks install.

duration() { echo "1 minute the first time"; }
also_from() { :; }

rootfs() {
  skeleton "$2"
  install_busybox "$1" "$2"
}

changes() {
  cat <<END
$PATH_LINE
CMD ["sh"]
LABEL org.opencontainers.image.title="BusyBox, lab build" org.opencontainers.image.version=$BUSYBOX_VERSION
END
}
