/**
 * The script of the guardian, for any POSIX shell with grep.
 *
 * Its stdin ends when the program ends. Its stdout is the list of processes: `PID LIMIT` in each line, with `-` for a
 * free one, and 0 as the pid of a process that has a mark or has been reaped. A mark is a resource limit of 19 digits; a
 * program within the program keeps its mark in the upper half. Without marks, process groups are used instead.
 */
export const guardianScript = `
trap '' HUP INT QUIT TERM PIPE TSTP
read -r _
pids= marks=
while read -r pid mark; do
  case $pid in [0-9]*) pids="$pids $pid" marks="$marks $mark";; esac
done </proc/$$/fd/1
exec >/dev/null 2>&1
[ "$pids" ] || exit 0

marked() {
  grep -H '^Max file locks  *[4-9][0-9]\\{18\\} ' /proc/[0-9]*/limits |
  while read -r path _ _ limit _; do
    case "$marks " in
      *" $limit "* | *" $((limit >> 31 << 31)) "*) path=\${path#/proc/}; echo "\${path%%/*}";;
    esac
  done
}
groups() {
  for pid in $pids; do
    [ "$pid" = 0 ] && continue
    if kill -0 "-$pid"; then echo "-$pid"; elif kill -0 "$pid"; then echo "$pid"; fi
  done
}
case "$marks " in *' - '*) found=groups;; *) found=marked;; esac
send() { for pid in $($found); do kill -s "$1" -- "$pid"; done; }

send TERM
send CONT
rounds=0
while [ $rounds -lt 10 ]; do
  [ "$($found)" ] || exit 0
  rounds=$((rounds + 1))
  sleep 0.05 || sleep 1
done
# What is stopped starts no other before it is killed.
while [ $rounds -lt 200 ]; do
  [ "$($found)" ] || exit 0
  send STOP
  send KILL
  rounds=$((rounds + 1))
  sleep 0.02 || sleep 1
done
`;
