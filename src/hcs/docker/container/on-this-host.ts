/** The processes of a container whose daemon is on this host, as this kernel shows them. */
import { readdirSync } from 'node:fs';
import { processEntry, readlinkProc, readProc } from '../../native/process/proc.js';
import type { Container } from './container.js';

/** Whether this kernel runs the container's processes, and shows them to this user. */
export const isOnThisHost = ({ api, id, details }: Container): boolean => {
  if (api.endpoint.kind !== 'socket' || process.platform !== 'linux') return false;
  const pid = details?.State.Pid ?? 0;
  if (pid === 0 || id === undefined) return false;
  // Another kernel may have a process of this number: the control group names the container, or, where a rootless daemon has
  // none, the files of the container that are mounted. The environment is readable for those who may signal the process.
  return (
    ['cgroup', 'mountinfo'].some((file) => readProc(`/proc/${pid}/${file}`)?.includes(id)) &&
    readProc(`/proc/${pid}/environ`) !== undefined
  );
};

/** Those of the pid namespace of its first process; `undefined` where they cannot be distinguished from others. */
export const pidsOnThisHost = (container: Container): readonly number[] | undefined => {
  if (!isOnThisHost(container)) return undefined;
  const namespaceOf = (pid: string): string | undefined => readlinkProc(`/proc/${pid}/ns/pid`);
  const own = namespaceOf(String(container.details?.State.Pid));
  if (own === undefined || own === namespaceOf('self')) return undefined;
  return (
    [...readdirSync('/proc')]
      .filter((pid) => /^\d+$/.test(pid) && namespaceOf(pid) === own)
      .map(Number)
      // The first process of a container may not reap orphans.
      .filter((pid) => processEntry(pid)?.ended === false)
  );
};
