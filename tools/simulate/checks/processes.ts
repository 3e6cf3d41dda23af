/** What is asked of processes, and what becomes of them. */
import type { ExecLog } from '../run-log.js';
import { type Check, eachExec } from './check-of.js';

const closesStdio = new Set(['process.closeStdin', 'process.closeStdout', 'process.closeStderr']);

export const oneProcess: Check = (log) => {
  const count = (exec: ExecLog, call: string): number => exec.asked.filter((one) => one.call === call).length;
  if (count(log.container, 'container.start') > 1) return 'the container was started twice';
  if (count(log.container, 'container.create') > 1) return 'the container was made twice';
  const twice = log.execs.find((exec) => count(exec, 'container.createProcess') > 1);
  return twice && `two processes were asked for ${twice.id}`;
};

export const nothingAfterRelease: Check = eachExec(({ asked, released, made }) => {
  // What an engine made too late never was the exec's: it has no other pid than 0.
  // The copy of its input ends when its upstream is closed, and then closes its end of it, as the original does.
  const late = asked.find(
    ({ call, pid, place }) =>
      !closesStdio.has(call) &&
      // What it has left behind may be ended later.
      (!made.some(({ tree }) => tree) || call === 'process.close') &&
      released &&
      pid !== 0 &&
      pid === released.pid &&
      place > released.place,
  );
  return late && `${late.call} was asked at ${late.at} ms, released at ${released?.at} ms`;
});

export const noProcessLeftRunning: Check = eachExec(
  ({ made, ended, asked, released, isInit }, { over, gone, container }) => {
    if (!over) return undefined;
    for (const { pid, place } of made) {
      const until = Math.max(released?.place ?? Infinity, place);
      const killed = asked.some((one) => one.pid === pid && one.call === 'process.kill');
      const signalled = asked.some((one) => one.pid === pid && one.call === 'process.signal');
      const over = ended.some((one) => one.pid === pid && one.place < until);
      const withContainer =
        (gone !== undefined && gone.place < until) ||
        (isInit &&
          container.asked.some(
            ({ call }) => call === 'container.terminate' || call === 'container.shutdown',
          ));
      if (!killed && !signalled && !over && !withContainer) return `process ${pid} was not seen to its end`;
    }
    return undefined;
  },
);

export const killsForAReason: Check = eachExec(
  ({ asked, commands, states, out, isInit }, { bounds, gone, init, container }) => {
    // What users of real lives commanded is not recorded.
    if (bounds === undefined) return undefined;
    const kill = asked.find(({ call }) => call === 'process.kill');
    if (kill === undefined) return undefined;
    const before = ({ place }: { readonly place: number }): boolean => place < kill.place;
    const added = out.some((event) => event.event === 'TaskExecAdded' && before(event));
    const killed = [...commands, ...(init?.commands ?? [])].some(
      ({ command }) =>
        before(command) && !['add', 'start', 'resize', 'closeIo', 'wait', 'pids'].includes(command.name),
    );
    const failed = (!isInit && !added) || states.some((state) => before(state) && state.phase === 'aborting');
    // Of a container that does not end in its time each exec is ended by itself.
    const ending = container.asked.some((one) => one.call === 'container.terminate' && before(one));
    return killed || failed || ending || (gone !== undefined && before(gone))
      ? undefined
      : `it was killed at ${kill.at} ms for no reason`;
  },
);

export const everyHandleIsClosed: Check = eachExec(
  ({ made, asked, released, exit, isInit }, { over, container }) => {
    if (!over) return undefined;
    for (const { pid } of made) {
      const closed = asked.find((one) => one.call === 'process.close' && one.pid === pid);
      // That of an init whose start failed goes with its container.
      const withContainer =
        isInit &&
        exit?.exit.kind === 'startFailed' &&
        container.asked.some(({ call }) => call === 'container.close');
      if (closed === undefined && !withContainer) return `the handle of process ${pid} was never closed`;
      if (closed !== undefined && pid === released?.pid && closed.place > released.place)
        return `the handle of process ${pid} was closed after the release`;
    }
    return undefined;
  },
);
