# shellcheck shell=sh disable=SC2034 # above and place are for who calls
# How root works where another uid can write: it goes into a directory once, sees that it is the one that was meant, and works from
# there by relative names. Whoever renames or replaces it afterwards changes nothing: the present directory is no path.
# POSIX sh. Sourced by the scripts of the backup's container, and put before those of a restore (commands/restore/worker.ts).

refuse() {
  echo "$*" >&2
  exit 64
}

# As the kernel knows it; what a shell remembers may have been renamed since.
present_directory() { readlink /proc/self/cwd; }

# enter PATH: an absolute one. A link in its place is refused, also one that comes in this moment.
enter() {
  if cd -P -- "$1" 2>/dev/null && [ "$(present_directory)" = "$1" ]; then return; fi
  refuse "$1: must be a directory, and no link (got something else, or one that changed meanwhile); see who put it there and move it away, then run the command again"
}

# Whether the present directory is root's, and nobody else writes to it.
is_roots() { case $(stat -c '%u %A' .) in 0\ d????-??-?*) ;; *) return 1 ;; esac; }

# enter_roots PATH: as enter; another uid's is refused.
enter_roots() {
  enter "$1"
  is_roots || refuse "$1: must be root's alone (got one of uid $(stat -c '%u, mode %a' .)); see who put it there and move it away, then run the command again"
}

# make_place NAME: a new directory right below the present one, closed to all but root; then goes into it. By -m, since an access list of
# the one above, which may be another uid's, makes nothing of a umask. There it holds a file from the beginning: empty, its owner could
# remove it.
make_place() {
  make_above=$(present_directory)
  if is_roots; then make_held=; else make_held=.held; fi
  if ! made=$(mkdir -m 0700 -- "$1" 2>&1); then
    if [ ! -e "./$1" ] && [ ! -L "./$1" ]; then refuse "$make_above/$1: must be made (got ${made##*: }); mend that, then run the command again"; fi
    refuse "$make_above/$1: must not be there (got somebody's); see who put it there and move it away, then run the command again"
  fi
  enter_roots "$make_above/$1"
  [ -z "$(ls -A)" ] || refuse "$make_above/$1: must be new (got another directory in its place); see who put it there, then run the command again"
  if [ -n "$make_held" ] && ! (: > "$make_held") 2>/dev/null; then
    refuse "$make_above/$1: must be left alone (got removed meanwhile, or no room); see who writes there, then run the command again"
  fi
}

# take_away NAME: removes a directory of root's right below the present one. What another uid put there by that name stays.
take_away() {
  if [ -L "./$1" ] || [ ! -d "./$1" ]; then return; fi
  (
    above=$(present_directory)
    cd -P -- "./$1" 2>/dev/null && [ "$(present_directory)" = "${above%/}/$1" ] && is_roots || exit 0
    find . -mindepth 1 -delete
  ) || return
  rmdir -- "./$1" 2>/dev/null || true
}

# choose_place DATA BESIDE WITHIN: where files of DATA are linked to or change places with, which takes the same mount, subvolume and
# project of a quota. Sets `above` and `place`: those of BESIDE, a path in a directory of root's, or DATA and the name WITHIN.
choose_place() {
  above=$(dirname "$2") place=$(basename "$2")
  if ! are_linked "$1" "$above"; then above=$1 place=$3; fi
}

# enter_above DATA: the directory that choose_place chose.
enter_above() { if [ "$above" = "$1" ]; then enter "$above"; else enter_roots "$above"; fi; }

# are_linked DATA ROOTS: whether a file of each of them can be linked into the other. The one sure way to know is to do it, in
# directories that nobody else gets into and whose name nobody knows before.
are_linked() {
  probe=.rocketchat-probe.$(cat /proc/sys/kernel/random/uuid)
  linked=0
  (
    enter_roots "$2"
    take_probes_away
    make_place "$probe"
    exec 8<.
    enter "$1"
    take_probes_away
    make_place "$probe"
    touch data /proc/self/fd/8/roots 2>/dev/null ||
      refuse "$1: must take a file, and be left alone meanwhile (got no room, or somebody's changes); see which, then run the command again"
    ln data /proc/self/fd/8/data 2>/dev/null && ln /proc/self/fd/8/roots roots 2>/dev/null
    linked=$?
    rm -f data roots /proc/self/fd/8/data /proc/self/fd/8/roots
    exit "$linked"
  ) || linked=$?
  (enter_roots "$2" && take_away "$probe")
  (enter "$1" && take_away "$probe")
  case $linked in 0 | 1) return "$linked" ;; *) exit "$linked" ;; esac
}
take_probes_away() { for left in .rocketchat-probe.*; do take_away "$left"; done; } # of a killed run
