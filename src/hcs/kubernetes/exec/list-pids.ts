/** The processes of a container, as it numbers them. */
import { ownProcesses } from '../../in-container/own-processes.js';
import type { PodContext } from '../pod/pod-context.js';
import { runInside } from './run-inside.js';

/** Without the script itself, zombies, and the scripts that run execs. Argument: whether others are seen, too. */
const script = `
isOurs() { :; }
[ "$1" = true ] && {${ownProcesses}}
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  [ "$pid" = "$$" ] && continue
  isOurs "$pid" || continue
  { read -r stat < "$folder/stat"; } 2>/dev/null || continue
  set -- \${stat##*) }
  case $1 in Z|X) continue ;; esac
  case $stat in *'(sh)'*) { tr '\\0' ' ' < "$folder/cmdline"; } 2>/dev/null | grep -Fq ' rxshim-exec ' && continue ;; esac
  echo "$pid"
done
`;

/** @throws RxshimError where the image has no shell. */
export const listPids = async (pod: PodContext): Promise<readonly number[]> => {
  if (pod.phase !== 'running') return [];
  const { output } = await runInside(pod, script, String(pod.sharesPids));
  return output.split('\n').filter(Boolean).map(Number);
};
