/**
 * The world of one vector: the real exec with the real relay, over a compute system, an upstream and a publisher that
 * do as the vector says and keep what they saw, in a time of its own.
 */
import { concat, defer, EMPTY, type Observable, of, throwError } from 'rxjs';
import { isAlreadyStopped } from '../../src/hcs/failures/classifiers.js';
import type { Answer } from '../../src/hcs/simulated/scripted-system.js';
import { eventOutbox } from '../../src/streams/event-outbox.js';
import type { TaskEvent } from '../../src/streams/events.js';
import { createExec } from '../../src/streams/exec/exec.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import { fakeUpstream } from './fake-upstream.js';
import { namedError } from './faults.js';
import { type Gates, shutGates } from './gates.js';
import type { Harness, MakeHarness, StagedProcess } from './harness.js';
import { type ManualTime, manualTime } from './manual-time.js';
import { type Recorder, recorder } from './recorder.js';
import { scriptedHarness } from './scripted-harness.js';
import type { Setup, Vector } from './vector.js';

export interface World {
  readonly setup: Setup;
  readonly exec: Exec;
  readonly stdin: { write(chunk: Uint8Array): Promise<void>; end(): void } | undefined;
  readonly recorder: Recorder;
  readonly gates: Gates;
  readonly time: ManualTime;
  /** Whether a wait would return. */
  released(): boolean;
  /** The text that each stream has delivered so far. */
  readonly data: Record<string, string>;
  /** Does something with the process as soon as there is one; a process may end before its maker has it. */
  withProcess(act: (process: StagedProcess) => void): void;
  exitSystem(): void;
  /** Lets go of what lies beneath. */
  leave(): Promise<void>;
}

export const makeWorld = (
  { setup, ids, steps }: Vector,
  makeHarness: MakeHarness = scriptedHarness,
): World => {
  // The recorder is there before the harness that it waits for.
  const seen = recorder(() => (harness.pass ?? nextTurn)());
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

  let forProcess: ((process: StagedProcess) => void)[] = [];
  const seenAnswer: Answer = (name, args, normal) =>
    defer(() => {
      if (!name.endsWith('Write')) seen.record(callOf(name, args));
      return concat(gates.pass(name) as typeof normal, normal);
    });
  const answer: Answer = (name, args, normal) => seenAnswer(name, args, faulty(setup, name, normal));
  const harness: Harness = makeHarness({
    setup,
    answer,
    seen: seenAnswer,
    typed: (chunk) => deliver('processStdin', chunk),
    created: (process) => {
      for (const act of forProcess) act(process);
      forProcess = [];
    },
    scheduler: time.scheduler,
  });
  const upstream = fakeUpstream(setup, answer, deliver);
  const events = eventOutbox((event) => answer(`events.publish ${event.type}`, eventArgs(event), EMPTY), {
    scheduler: time.scheduler,
    attemptTimeout: 5_000,
  });
  const exec = createExec({
    taskId: ids.task,
    id: ids.exec,
    bundle: ids.bundle,
    system: harness.system,
    upstream: upstream.io,
    ...(setup.spec === undefined ? {} : { spec: setup.spec }),
    publish: events.publish,
    // As the shim has it: an upstream that does not read is cut at the cap, C6.
    policies: { drain: { cap: 1_000, stall: 0 } },
    scheduler: time.scheduler,
  });
  let released = false;
  exec.released$.subscribe(() => {
    released = true;
  });
  return {
    setup,
    exec,
    stdin: upstream.stdin,
    recorder: seen,
    gates: {
      pass: gates.pass,
      release: (name) => {
        harness.release?.(name);
        gates.release(name);
      },
    },
    time,
    released: () => released,
    data,
    withProcess: (act) => {
      const process = harness.process();
      if (process === undefined) forProcess.push(act);
      else act(process);
    },
    exitSystem: harness.exitSystem,
    leave: () => harness.leave?.() ?? Promise.resolve(),
  };
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const callOf = (name: string, args: unknown) => {
  const dot = name.indexOf('.');
  return { obj: name.slice(0, dot), call: name.slice(dot + 1), ...(args === undefined ? {} : { args }) };
};

const faulty = <T>({ faults }: Setup, name: string, normal: Observable<T>): Observable<T> => {
  const fault = faults[name];
  if (!fault) return normal;
  const error = namedError(fault);
  // An engine interprets the codes of its service: the contract has an answer for this one.
  return (name === 'process.signal' || name === 'process.kill') && isAlreadyStopped(error)
    ? of('alreadyStopped' as T)
    : throwError(() => error);
};

const eventArgs = (event: TaskEvent) =>
  'exitedAt' in event ? { ...event, exitedAt: event.exitedAt === undefined ? 'zero' : 'set' } : { ...event };
