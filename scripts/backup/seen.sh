# shellcheck shell=bash disable=SC2154 # what is used comes from common.sh
# Knows the backups that were there when this server last looked (/backup/seen, an id a line): what went meanwhile somebody else
# removed. Sourced by bash.

ids_there() {
  local list
  list=$(run_restic snapshots --no-lock --json "${ours[@]}") || return
  { grep -oE '"short_id":"[0-9a-f]+"' <<<"$list" || true; } | cut -d '"' -f 4 | sort
}

# remember_seen: what is there now is known.
remember_seen() {
  ids_there >/backup/seen.new || return
  mv /backup/seen.new /backup/seen
  rm -f /backup/thinning
}

# tell_gone: adds those that went to what `npm run backup:status` tells, until somebody says that it was meant (accept-gone.sh).
tell_gone() {
  local there gone told
  # A run that was killed while it thinned out has removed some itself.
  if [[ -s /backup/seen && ! -e /backup/thinning ]]; then
    there=$(ids_there) || return
    gone=$(comm -23 /backup/seen <(echo "$there") | paste -sd ' ')
    told=$(cat /backup/status.d/snapshotsGone 2>/dev/null || true)
    if [[ -n $gone ]]; then bash "$here/status.sh" snapshotsGone="${told:+$told }$gone"; fi
  fi
  remember_seen
}
