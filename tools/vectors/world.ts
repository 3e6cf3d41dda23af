/**
 * The world of one vector: the real exec with the real relay, over a compute system, an upstream and a publisher that
 * do as the vector says and keep what they saw, in a time of its own.
 */
import { as } from 'ix/asynciterable/asynciterablex';
import { concat, defer, EMPTY, type Observable, of, throwError } from 'rxjs';
import { linuxSignals } from '../../src/hcs/linux-signals.js';
import { signalsSupported } from '../../src/hcs/os-build.js';
import {
  type Answer,
  type ScriptedProcess,
  type ScriptedSystem,
  scriptedSystem,
} from '../../src/hcs/simulated/scripted-system.js';
import { windowsSignals } from '../../src/hcs/windows-signals.js';
import type { TaskEvent } from '../../src/streams/events.js';
import { createExec } from '../../src/streams/exec/exec.js';
import type { Exec } from '../../src/streams/exec/exec-interface.js';
import { outbox } from '../../src/streams/outbox.js';
import { fakeUpstream } from './fake-upstream.js';
import { namedError } from './faults.js';
import { type Gates, shutGates } from './gates.js';
import { type ManualTime, manualTime } from './manual-time.js';
import { type Recorder, recorder } from './recorder.js';
import { requestCalls, scriptedGuest } from './scripted-guest.js';
import type { Setup, Vector } from './vector.js';

export interface World {
  readonly setup: Setup;
  readonly exec: Exec;
  readonly system: ScriptedSystem;
  readonly stdin: { write(chunk: Uint8Array): Promise<void>; end(): void } | undefined;
  readonly recorder: Recorder;
  readonly gates: Gates;
  readonly time: ManualTime;
  /** Whether a wait would return. */
  released(): boolean;
  /** The text that each stream has delivered so far. */
  readonly data: Record<string, string>;
  /** Does something with the process as soon as there is one; a process may end before its maker has it. */
  withProcess(act: (process: ScriptedProcess) => void): void;
}

/** What the exec stands on: a scripted system, or the client of a bridge with a scripted guest at its other end. */
export type Footing = 'system' | 'guest';

export const makeWorld = ({ setup, ids, steps }: Vector, footing: Footing = 'system'): World => {
  const seen = recorder();
  const time = manualTime();
  const releases = steps.filter(({ op }) => op === 'release').map(({ args }) => String(args['gate']));
  const gates = shutGates(setup.gates, releases);
  const data: Record<string, string> = {};
  if (setup.stdin) data['processStdin'] = '';
  if (setup.stdout) data['upstreamStdout'] = '';
  if (setup.stderr) data['upstreamStderr'] = '';
  const deliver = (name: string, chunk: Uint8Array): void => {
    seen.stir();
    data[name] += Buffer.from(chunk).toString();
  };

  let forProcess: ((process: ScriptedProcess) => void)[] = [];
  const answer: Answer = (name, args, usual) =>
    defer(() => {
      if (!name.endsWith('Write')) seen.record(callOf(name, args));
      const below = footing === 'guest' && requestCalls.has(name);
      return concat(gates.pass(name), (below ? EMPTY : fault(setup, name)) as typeof usual, usual);
    });
  const adopt = (process: ScriptedProcess): void => {
    as(process.pipes.stdin ?? []).forEach((chunk) => deliver('processStdin', chunk));
    for (const act of forProcess) act(process);
    forProcess = [];
  };
  const onGuest = () =>
    scriptedGuest({ ...systemOptions(setup), answer, faults: setup.faults, onProcess: adopt });
  const onSystem = (): ScriptedSystem =>
    scriptedSystem({
      ...systemOptions(setup),
      answer: (name, args, usual) => {
        const process = name === 'container.createProcess' ? system.processes.at(-1) : undefined;
        if (process !== undefined) adopt(process);
        return setup.faults[`${name}.delivered`] === false
          ? answer(name, args, of('notDelivered') as typeof usual)
          : answer(name, args, usual);
      },
    });
  const system = footing === 'guest' ? onGuest() : onSystem();
  const upstream = fakeUpstream(setup, answer, deliver);
  const letters = outbox((event) => answer(`events.publish ${event.type}`, eventArgs(event), EMPTY), {
    scheduler: time.scheduler,
    attemptTimeout: 5_000,
  });
  const exec = createExec({
    taskId: ids.task,
    id: ids.exec,
    bundle: ids.bundle,
    system,
    upstream: upstream.io,
    ...(setup.spec === undefined ? {} : { spec: setup.spec }),
    publish: letters.publish,
    scheduler: time.scheduler,
  });
  let released = false;
  exec.released$.subscribe(() => {
    released = true;
  });
  return {
    setup,
    exec,
    system,
    stdin: upstream.stdin,
    recorder: seen,
    gates,
    time,
    released: () => released,
    data,
    withProcess: (act) => {
      const process = system.processes.at(-1);
      if (process === undefined) forProcess.push(act);
      else act(process);
    },
  };
};

const systemOptions = ({ os, osBuild, host, pid }: Setup) => {
  const supported = signalsSupported({ osBuild, host });
  const isLinux = os === 'linux';
  return {
    os,
    isOci: isLinux,
    initInDocument: isLinux,
    signals: isLinux ? linuxSignals({ supported }) : windowsSignals({ supported }),
    nextPid: () => pid,
  };
};

const callOf = (name: string, args: unknown) => {
  const dot = name.indexOf('.');
  return { obj: name.slice(0, dot), call: name.slice(dot + 1), ...(args === undefined ? {} : { args }) };
};

const fault = ({ faults }: Setup, name: string): Observable<never> => {
  const error = faults[name];
  return error ? throwError(() => namedError(error)) : EMPTY;
};

const eventArgs = (event: TaskEvent) =>
  'exitedAt' in event ? { ...event, exitedAt: event.exitedAt === undefined ? 'zero' : 'set' } : { ...event };
