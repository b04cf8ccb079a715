#!/usr/bin/env bash
# shellcheck disable=SC1090,SC1091,SC2154 # images, cache and the pins come from lib.sh
# Assembles the root file system of one image: rootfs.sh NAME WORK, where WORK is an empty directory.
# The result is WORK/root; WORK/base holds Debian's base file system to draw on.
set -euo pipefail
umask 022

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$images/$1/image.sh"

mkdir -p "$2/root"
unpack_base "$2/base"
rootfs "$2/base" "$2/root"
