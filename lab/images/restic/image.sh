# shellcheck shell=bash disable=SC2154 # images and the pins come from lib.sh
# lab/restic: the contract of restic/restic:0.19: a static program, and a shell beside it.

duration() { echo "2 minutes"; }
also_from() { echo ../toolchain/restic; }

rootfs() {
  local built
  built=$(bash "$images/../toolchain/build.sh" restic)
  skeleton "$2"
  install_busybox "$1" "$2"
  install_ca "$1" "$2"
  install -m 755 "$built/restic" "$2/usr/bin/restic"
}

version() { sed -nE 's|.*github.com/restic/restic v([^ ]+).*|\1|p' "$images/../toolchain/restic/go.mod" | head -n 1; }

changes() {
  cat <<END
$PATH_LINE
ENTRYPOINT ["/usr/bin/restic"]
LABEL org.opencontainers.image.title="restic, lab build" org.opencontainers.image.version=$(version)
END
}
