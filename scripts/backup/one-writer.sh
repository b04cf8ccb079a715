# shellcheck shell=bash disable=SC2154 # what is used comes from common.sh
# One server writes to a repository under one name. Sourced by whoever is to write, unlock or remove there.
#
# Two that have one name, such as a lost one that came back and its successor, would remove each other's locks and backups. Each
# leaves an id of its own in its manifests; one that has written here before goes on only after itself, and one that has not, only
# where nobody has, or as the successor that a restore or an operator made it (the file takes-over).
refuse_other_server() {
  local known newest by
  known=$(cat /backup/status.d/lastSnapshot 2>/dev/null) || known=
  # A new host that is being restored, or was.
  if [[ -z $known && (-e /backup/awaiting-restore || -e /backup/takes-over) ]]; then return 0; fi
  newest=$(run_restic snapshots --no-lock --json "${ours[@]}" | grep -oE '"id":"[0-9a-f]{64}"' | tail -n 1 | cut -d '"' -f 4) || return 0
  if [[ -z $newest || ${newest:0:8} == "$known" ]]; then return 0; fi
  by=$(run_restic dump --no-lock "$newest" /snapshot/manifest.json | sed -nE 's/^  "writer": "([^"]*)",?$/\1/p') || by=
  if [[ $by == "$(writer)" || (-n $known && -z $by) ]]; then return 0; fi
  [[ -z $known ]] || known=", newer than this one's $known,"
  fail "repository: must be written to by one server (got snapshot ${newest:0:8}$known by another server of the same name); end the other's backups, then npm run backup -- --stack $STACK --take-over; or name another path in backup.repository"
}
