/**
 * Shell scripts that signal a marked process, or wait for its end, from inside its container. For engines whose daemon
 * cannot signal a process other than a container's first one.
 *
 * They run in busybox, dash and bash, and need `sh`, `tr` and `grep` of the image (grep
 * alone is not enough: that of busybox reads a line up to its first NUL). They must not carry the mark themselves: it
 * is an argument.
 */

/** The exit statuses of a script. */
export const scriptStatus = { signalled: 0, noneFound: 3, refused: 4 } as const;

/**
 * Finds the processes that bear the mark, and calls `each PID PARENT STATE` for those that run. The session and the
 * process group of the leader are its own number, so what has lost the mark is found by them.
 */
const find = `
mark=$1 lead=
scan() {
  for folder in /proc/[0-9]*; do
    pid=\${folder#/proc/}
    [ "$pid" = "$$" ] && continue
    { read -r stat < "$folder/stat"; } 2>/dev/null || continue
    set -- \${stat##*) }
    case $1 in Z|X) continue ;; esac
    if [ -n "$lead" ] && { [ "$3" = "$lead" ] || [ "$4" = "$lead" ]; }; then :
    else { tr '\\0' '\\n' < "$folder/environ"; } 2>/dev/null | grep -Fqx "$mark" || continue; fi
    each "$pid" "$2" "$4"
  done
}
each() { [ "$2" = 0 ] && lead=$1; [ -z "$lead" ] && [ "$3" = "$1" ] && lead=$1; }
scan
`;

/** Arguments: the mark, the signal's number. Signals the leader. */
export const signalLeader = `${find}
[ -n "$lead" ] || exit 3
kill -"$2" "$lead" || { [ -d "/proc/$lead" ] && exit 4; exit 3; }
`;

/**
 * Arguments: the mark, the signal's number. Signals each process of the tree once, those as well that others start
 * meanwhile.
 */
export const signalTree = `${find}
signal=$2 asked=' ' found=3
each() {
  case $asked in *" $1 "*) return ;; esac
  asked="$asked$1 " more=1
  if kill -"$signal" "$1"; then found=0; elif [ -d "/proc/$1" ] && [ "$found" = 3 ]; then found=4; fi
}
for round in 1 2 3 4 5 6 7 8 9 10; do
  more=
  scan
  [ -n "$more" ] || break
done
exit $found
`;

/** Argument: the mark. Ends when no process of the tree runs. */
export const awaitTreeEnd = `${find}
each() { more=1; }
while :; do
  more=
  scan
  [ -n "$more" ] || exit 0
  sleep 0.05 2>/dev/null || sleep 1
done
`;

/** Argument: a signal's number. Signals every process of the container but its first one and this script. */
export const signalOthers = `kill -"$1" -1 2>/dev/null; exit 0`;

/** Ends with 0 where the image has what these scripts need. */
export const toolsOfScripts = `command -v tr >/dev/null 2>&1 && command -v grep >/dev/null 2>&1`;
