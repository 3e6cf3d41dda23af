/**
 * The execs of a container that still run and were started by rxshim: they are found by the mark in their environment, which
 * has their id. That can be read where the daemon is on this host.
 */
import type { AdoptedProcess } from '../../contract/adoption.js';
import type { OutputGap } from '../../contract/output-gap.js';
import { markIn } from '../../in-container/marks.js';
import { readProc } from '../../native/process/proc.js';
import type { Container } from '../container/container.js';
import { isOnThisHost } from '../container/on-this-host.js';
import type { ContainerDetails } from '../container/state.js';
import { type ExecDetails, inspectExec } from '../exec/exec-api.js';
import { execProcess } from '../exec/exec-process.js';
import { markedProcesses } from '../exec/exec-signals.js';
import { recordIn } from '../exec/recorded-exec.js';
import { outputOf } from '../stdio/output.js';

const reason = 'the daemon has but one stream for an exec, which ended with the program that started it';
const gaps: readonly OutputGap[] = [
  { stream: 'stdout', reason },
  { stream: 'stderr', reason },
];

export const adoptExecs = async (
  container: Container,
  { ExecIDs }: ContainerDetails,
): Promise<readonly AdoptedProcess[]> => {
  if (!isOnThisHost(container)) return [];
  const found = await Promise.all(
    (ExecIDs ?? []).map(async (id) => {
      // The daemon may just have forgotten it.
      const details = await inspectExec(container, id).catch(() => undefined);
      return details?.Running === true && details.Pid > 0 ? adoptExec(container, id, details) : [];
    }),
  );
  return found.flat();
};

const adoptExec = (
  container: Container,
  id: string,
  { Pid, ProcessConfig }: ExecDetails,
): readonly AdoptedProcess[] => {
  const recorded = recordIn(readProc(`/proc/${Pid}/cmdline`) ?? '');
  const marked = markIn(recorded?.mark ?? readProc(`/proc/${Pid}/environ`) ?? '');
  if (marked === undefined) return [];
  // The script that records an exit is not the process: that is marked.
  const pid = recorded === undefined ? Pid : (markedProcesses(marked.mark)[0]?.pid ?? 0);
  const terminal = ProcessConfig?.tty === true;
  const output = outputOf(!terminal);
  const exec = {
    ...{ container, id, mark: marked.mark, pid, terminal, input: undefined, output },
    streamEnd: Promise.resolve({}),
    wasCut: true,
    ...(recorded && { record: { nonce: recorded.nonce, pid: 0 } }),
  };
  const process = { ...execProcess(exec, { stdout: false, stderr: false }), gaps };
  return [{ id: marked.id, phase: 'started', process, terminal }];
};
