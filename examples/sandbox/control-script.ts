/**
 * The first process of a sandbox: it ends the container when the host program has gone or the lifetime is over, and counts
 * the processes that were killed for want of memory.
 *
 * Its input is a connection of the host program, so it is at its end when that program ends, however it does. It answers
 * each line with builtins of the shell alone: the untrusted code may have used up all processes.
 */
export const controlScript = `
trap 'exit 0' TERM
(sleep "$1"; kill -TERM 1) >/dev/null 2>&1 &
while read -r line; do
  kills=0
  for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    [ -r "$file" ] && while read -r name value; do
      [ "$name" = oom_kill ] && kills=$((kills + value))
    done < "$file"
  done
  echo "$kills"
done
exit 0
`;
