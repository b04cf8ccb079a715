#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2154 # what is sourced lies beside; the dollars are not for the shell
# Version: restic 0.18.1 (github.com/restic/restic@v0.18.1).
#
# restic 0.18 backs up what it finds of several paths, ends with 0, and starts another line of snapshots.
#
# A path that is missing, such as a disk that is not mounted, is told on standard error alone. `forget` groups by host and paths: the
# snapshots with the hole are a group of their own, beside which the last whole one is kept, or not, by rules of its own.
# Changed in 0.19: the status is 3. Way round: look before whether all is there, or give one directory that has everything in it.
. "$(dirname "$(readlink -f "$0")")/lib/tools.sh"
restic_program
export RESTIC_REPOSITORY=$folder/repository RESTIC_PASSWORD=of-a-test
quietly restic init
mkdir files database
echo 1 >files/one
echo 2 >database/two

quietly restic backup files database
rm -r database
status=0
restic --quiet backup files database 2>"$folder/log" || status=$?
cat "$folder/log"
expect "status of a backup with one of two paths" 0 "$status"
groups() { restic snapshots --json | grep -oE '"paths":\[[^]]*\]' | sort -u | wc -l; }
expect "groups that forget takes the two for" 2 "$(groups)"
