# shellcheck shell=bash disable=SC2154 # images and the pins come from lib.sh
# lab/rocketchat: the contract of rocketchat/rocket.chat, with a stand-in for the program. Node and BusyBox only, as the
# official image is Alpine: no bash, curl or GNU coreutils.

duration() { echo "30 seconds"; }
# The settings that Rocket.Chat knows, which the program reads as well.
also_from() { echo ../../settings/data; }

rootfs() {
  local app=$2/app/bundle
  skeleton "$2"
  install_busybox "$1" "$2"
  install_ca "$1" "$2"
  echo rocketchat:x:65533:65533:rocketchat:/tmp:/bin/sh >>"$2/etc/passwd"
  echo rocketchat:x:65533: >>"$2/etc/group"
  install -m 755 "$(node_binary)" "$2/usr/local/bin/node"
  install_libraries "$1" "$2" usr/local/bin/node
  install -m 755 "$images/rocketchat/docker-entrypoint.sh" "$2/usr/local/bin/docker-entrypoint.sh"
  mkdir -p "$app" "$2/app/uploads"
  tar -c -C "$images/rocketchat/bundle" --exclude=node_modules --exclude='*.test.*' --exclude='*.md' . | tar -x -C "$app"
  install -m 644 "$images"/../../settings/data/*.tsv "$app"
  (cd "$app" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund)
  chmod -R u=rwX,go=rX "$app"
  chown -R 65533:65533 "$2/app"
}

changes() {
  cat <<END
$PATH_LINE
ENV NODE_VERSION=$NODE_VERSION
ENV DEPLOY_METHOD=docker
ENV NODE_ENV=production
ENV MONGO_URL=mongodb://mongo:27017/rocketchat
ENV HOME=/tmp
ENV PORT=3000
ENV ROOT_URL=http://localhost:3000
ENV Accounts_AvatarStorePath=/app/uploads
WORKDIR /app/bundle
USER rocketchat
VOLUME /app/uploads
EXPOSE 3000
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node","main.js"]
LABEL org.opencontainers.image.title="STAND-IN for Rocket.Chat" org.opencontainers.image.version=$(bundle_version)
END
}

bundle_version() { sed -nE 's/^ *"version": *"([^"]*)".*/\1/p' "$images/rocketchat/bundle/package.json" | head -n 1; }
