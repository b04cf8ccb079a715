# Says what only the host knows, for preflight and for whoever compares it with a state. Reads and changes nothing; runs in the host's network, with its root at /host.
#   PLACES  absolute paths on the host, separated by blanks
#   NOTES   files of the host, separated by blanks, each line a key and a value: absolute paths are looked at as well
#   FILES   optional: absolute paths on the host, separated by blanks: files and directories that deployments made
#
# Prints lines whose parts are separated by tabs:
#   avx     yes or no                           as /proc/cpuinfo has it
#   listen  a line of /proc/net/tcp or tcp6     each socket that listens
#   noted   KEY VALUE                           each line of the notes that is whole; none where there is no note
#   place   PATH KIND DEVICE FREE               directory, file or missing; where the path or what exists above it lies, and
#                                               the bytes that are free there
#   owner   PATH ABOVE UID GID MODE             of the directory itself, and of each above it, as far as they exist
#   entry   PATH NAME                           what is in it, 200 at most; a `?` for each control character
#   file    PATH KIND UID:GID MODE WRITTEN SUM TRIMMED  file, directory, link, other (also what a file became while it was read),
#                                               or missing with nothing behind it; when it was written last, in seconds since 1970,
#                                               whatever became of its owner and mode since; sha256 of a file's first MiB,
#                                               and without the line ends at its end
tab=$(printf '\t')

# Sets `at` to where a path leads below /host, as far as it exists, and `kind`. Links on the host are followed as the host does.
resolve() {
  rest=$1 at=/host kind="directory" links=0
  while [ -n "$rest" ]; do
    name=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $name in
      '' | .) continue ;;
      ..) if [ "$at" != /host ]; then at=${at%/*}; fi; continue ;;
    esac
    if [ -L "$at/$name" ] && [ "$links" -lt 40 ]; then
      links=$((links + 1))
      target=$(readlink "$at/$name")
      case $target in /*) at=/host ;; esac
      rest=$target/$rest
    elif [ -d "$at/$name" ]; then
      at=$at/$name
    elif [ -e "$at/$name" ]; then
      kind="file"
      return
    else
      kind="missing"
      return
    fi
  done
}

if grep -qw avx /proc/cpuinfo; then echo "avx${tab}yes"; else echo "avx${tab}no"; fi

grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null | sed "s/^/listen$tab/" || true

# A note that is missing or damaged keeps nobody from deploying: a line counts when it is whole.
for note in $NOTES; do
  resolve "${note%/*}"
  file=$at/${note##*/}
  if [ "$kind" != directory ] || [ ! -f "$file" ] || [ "$(stat -c %s "$file")" -ge 65536 ]; then continue; fi
  while IFS=$tab read -r key value; do
    case $key in '' | *[!A-Za-z.]*) continue ;; esac
    case $value in '' | *[!A-Za-z0-9._/-]*) continue ;; esac
    case "$key $value" in *irectory\ [!/]*) continue ;; esac # no absolute path
    echo "noted$tab$key$tab$value"
    case $value in /*) ;; *) continue ;; esac
    case " $PLACES " in *" $value "*) ;; *) PLACES="$PLACES $value" ;; esac
  done < "$file"
done

for path in $PLACES; do
  resolve "$path"
  # Blocks that are free, and their size.
  # shellcheck disable=SC2046 # two numbers
  set -- $(stat -f -c '%a %S' "$at")
  echo "place$tab$path$tab$kind$tab$(stat -c %d "$at")$tab$(($1 * $2))"
  above=$at
  while :; do
    echo "owner$tab$path$tab${above#/host}/$tab$(stat -c "%u$tab%g$tab%a" "$above")"
    if [ "$above" = /host ]; then break; fi
    above=${above%/*}
  done
  if [ "$kind" = directory ]; then
    # A name may hold anything but a slash, also a line break, which would begin a line of its own here.
    find "$at" -mindepth 1 -maxdepth 1 -print0 | tr '\001-\037\177' '?' | tr '\000' '\n' | head -n 200 |
      sed "s,^.*/,entry$tab$path$tab,"
  fi
done

# Sets `patience` to what reads a file in the directory `at`. Where another uid can put a named pipe in the file's place meanwhile, nothing
# waits for it. Only there: BusyBox's timeout leaves a process behind for a few seconds, each time, which counts among the container's.
roots=" "
how_to_read() {
  patience="timeout 3"
  case $roots in *" $at "*) patience=; return ;; esac
  above=$at
  while :; do
    case $(stat -c '%u %A' "$above") in 0\ d????-??-?*) ;; *) return ;; esac
    if [ "$above" = /host ]; then break; fi
    above=${above%/*}
  done
  roots="$roots$at " patience=
}

# What stands in a place: a link by itself.
kind_of() {
  case $(stat -c %F "$1" 2>/dev/null || true) in
    "symbolic link") echo link ;;
    directory) echo directory ;;
    "regular file" | "regular empty file") echo file ;;
    *) echo other ;;
  esac
}

nothing=$(printf '' | sha256sum) && nothing=${nothing%% *}
# A link is told, not followed: whoever owns a directory may have put it there.
for path in ${FILES:-}; do
  resolve "${path%/*}"
  file=$at/${path##*/}
  sums=
  if [ "$kind" != directory ] || { [ ! -e "$file" ] && [ ! -L "$file" ]; }; then
    echo "file$tab$path${tab}missing"
    continue
  fi
  kind=$(kind_of "$file")
  if [ "$kind" = file ]; then
    how_to_read
    whole=$($patience head -c 1048576 "$file" | sha256sum)
    kind=$(kind_of "$file")
  fi
  if [ "$kind" = file ]; then
    trimmed=$(printf %s "$($patience head -c 1048576 "$file" | tr -d '\000')" | sha256sum)
    if [ "${whole%% *}" = "$nothing" ] && [ -s "$file" ]; then
      echo "$path: could not be read" >&2
      exit 1
    fi
    sums=${whole%% *}$tab${trimmed%% *}
  fi
  written=$(stat -c %Y "$file")
  if [ "$written" -gt "$(stat -c %Z "$file")" ]; then written=$(stat -c %Z "$file"); fi
  echo "file$tab$path$tab$kind$tab$(stat -c "%u:%g$tab%a" "$file")$tab$written$tab$sums"
done
