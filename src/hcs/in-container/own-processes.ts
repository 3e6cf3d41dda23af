/**
 * Shell functions for a container that sees the processes of others: those of its pod (`shareProcessNamespace`) or of its
 * host (`hostPID`).
 *
 * The invariant: a process is of this container only where it is in the control groups of the script itself, which was
 * put into those of its container. Process 1 is not: it is the pause process, or the host's own first one.
 */

/** Defines `isOurs PID`. Needs nothing of the image but its shell. */
export const ownProcesses = `
groupsOf() { groups=; { while read -r line; do groups="$groups$line;"; done < "/proc/$1/cgroup"; } 2>/dev/null; }
groupsOf $$
ours=$groups
isOurs() { groupsOf "$1"; [ "$groups" = "$ours" ]; }
`;

/** Sets `init` to the first process of this container: the one that has run for longest. Nothing where there is none. */
export const findInit = `${ownProcesses}
init= since=
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  [ "$pid" = "$$" ] && continue
  { read -r stat < "$folder/stat"; } 2>/dev/null || continue
  set -- "$1" \${stat##*) }
  case $2 in Z|X) continue ;; esac
  isOurs "$pid" || continue
  # Times are in hundredths of a second, and the folders are not in the order of numbers.
  if [ -z "$init" ] || [ "\${21}" -lt "$since" ] || { [ "\${21}" = "$since" ] && [ "$pid" -lt "$init" ]; }; then
    init=$pid since=\${21}
  fi
done
`;

/** Argument: a signal's number. Signals each process of this container but the script, the first one last. */
export const signalOwn = `${findInit}
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  [ "$pid" = "$$" ] || [ "$pid" = "$init" ] || ! isOurs "$pid" || kill -"$1" "$pid" 2>/dev/null
done
[ -n "$init" ] && kill -"$1" "$init"
`;
