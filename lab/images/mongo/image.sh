# shellcheck shell=bash disable=SC2154 # images and the pins come from lib.sh
# lab/mongo: the contract of mongo:8.0, with an older mongod.

duration() { echo "1 minute"; }
also_from() { echo mongod.sh ../toolchain/mongo-tools; }

rootfs() {
  local base=$1 root=$2 mongod tools shell=$2/usr/lib/mongosh
  need_pip
  mongod=$(bash "$images/mongod.sh")
  tools=$(bash "$images/../toolchain/build.sh" mongo-tools)
  rmdir "$root"
  mv "$base" "$root"
  rm "$root"/bin/busybox "$root"/usr/bin/pebble*
  echo mongodb:x:999:999::/data/db:/bin/sh >>"$root/etc/passwd"
  echo mongodb:x:999: >>"$root/etc/group"
  mkdir -p "$root"/data/{db,configdb} "$root/docker-entrypoint-initdb.d" "$shell"
  chown -R 999:999 "$root"/data/{db,configdb}
  install -m 755 "$mongod" "$tools"/{mongodump,mongorestore,bsondump} "$root/usr/bin/"
  install -m 755 "$images/mongo/docker-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  install -m 755 "$(node_binary)" "$shell/node"
  install -m 755 "$images/mongo/mongosh/mongosh" "$root/usr/bin/mongosh"
  install -m 644 "$images"/mongo/mongosh/{package.json,package-lock.json,.npmrc} "$shell/"
  (
    cd "$shell" || exit
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund
    # What Node never loads.
    rm -rf node_modules/typescript
    find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.md' \) -delete
  )
}

changes() {
  cat <<END
$PATH_LINE
ENV HOME=/data/db
ENV MONGO_VERSION=$MONGOD_VERSION
VOLUME /data/db
VOLUME /data/configdb
EXPOSE 27017
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["mongod"]
LABEL org.opencontainers.image.title="MongoDB, lab build" org.opencontainers.image.version=$MONGOD_VERSION
END
}
