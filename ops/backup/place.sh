# shellcheck shell=sh
# How root works where another uid can write: it goes into a directory once, sees that it is the one that was meant, and works from
# there by relative names. Whoever renames or replaces it afterwards changes nothing: the present directory is no path.
# POSIX sh. Sourced by the scripts of the backup's container, and put before those of a restore (ops/restore/worker.ts).

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

# make_place NAME: a new directory right below the present one, closed to all but root; then goes into it.
make_place() {
  place_above=$(present_directory)
  (umask 077 && mkdir -- "$1") || refuse "$place_above/$1: must not be there (got somebody's); see who put it there and move it away, then run the command again"
  enter_roots "$place_above/$1"
  [ -z "$(ls -A)" ] || refuse "$place_above/$1: must be new (got another directory in its place); see who put it there, then run the command again"
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

# mount_of PATH: the mount that a directory is in. What is linked or renamed stays within one.
mount_of() { sed -n 's/^mnt_id:[[:space:]]*//p' /proc/self/fdinfo/3 3<"$1"; }
