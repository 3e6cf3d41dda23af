/** An exec written down and restored over ports that answer for what is done already. */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, type Observable, of, throwError, VirtualTimeScheduler } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../../src/hcs/contract/compute-process.js';
import { createExec } from '../../../src/streams/exec/exec.js';
import type { Exec, ExecOutcome } from '../../../src/streams/exec/interface.js';
import type { ExecOptions } from '../../../src/streams/exec/options.js';
import { type ExecSnapshot, restoreExec, snapshotOf } from '../../../src/streams/exec/snapshot.js';
import type { State } from '../../../src/streams/exec/state/state.js';
import * as harnesses from './harness.js';
import { type Harness, play, type Script } from './harness.js';
import { walk } from './lifecycle-walk.js';
import { policies, somePorts, someProcess } from './some-ports.js';

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Restores over ports for which everything is done already. The process reports `exit`. */
const restored = (state: Partial<State>, exit: ProcessExit, init = false) => {
  const scheduler = new VirtualTimeScheduler();
  const process: ComputeProcess = someProcess({
    exit$: of(exit),
    tree: { signal: () => of('notDelivered'), kill: () => of('notDelivered'), gone$: of(undefined) },
  });
  const { options } = somePorts(scheduler, { init, system: { createProcess: () => of(process) } });
  const events: string[] = [];
  const own: ExecOptions = {
    ...options,
    scheduler,
    policies,
    publish: ({ type }) => {
      events.push(type);
      return EMPTY;
    },
    ...(state.pid === 0 ? {} : { process }),
  };
  const exec = restoreExec(own, throughJson({ version: 1, state } as ExecSnapshot));
  let outcome: ExecOutcome | undefined;
  exec.released$.subscribe((last) => (outcome = last));
  return { exec, scheduler, events, outcome: () => outcome };
};

describe('an exec restored from any state that the lifecycle table allows', () => {
  const states = new Map<string, State>();
  for (const { state } of walk().nodes) states.set(JSON.stringify(state), state);

  it('is released, with the exit that was recorded, or with that which its process reports', () => {
    expect(states.size).toBeGreaterThan(1_000);
    for (const state of states.values()) {
      const { exec, scheduler, events, outcome } = restored(state, { kind: 'exited', code: 5 });
      if (state.phase === 'created') exec.start().subscribe();
      scheduler.flush();
      const seen = outcome();
      const expected = expectedOf(state);
      if (seen?.kind !== expected.kind || seen.status !== expected.status || seen.forced !== expected.forced)
        expect({ state, outcome: seen }).toEqual({ state, outcome: expect.objectContaining(expected) });
      // An exit is published exactly when a start event was, before or after the restoration.
      const isPublished = state.announced || events.includes('TaskExecStarted');
      const isDue = isPublished && state.phase !== 'released';
      if (events.filter((type) => type === 'TaskExit').length !== (isDue ? 1 : 0))
        expect({ state, events }).toBe(isDue ? 'one exit event' : 'no exit event');
    }
  });
});

const expectedOf = ({ exit, failure }: State): Pick<ExecOutcome, 'kind' | 'status' | 'forced'> => {
  if (exit !== undefined) return exit;
  return failure === undefined
    ? { kind: 'exited', status: 5, forced: false }
    : { kind: 'startFailed', status: 1, forced: false };
};

describe('a life that is interrupted after any of its steps', () => {
  const { hang, refuse, slow } = harnesses;
  const lives: Readonly<Record<string, readonly [Script, (harness: Harness) => void, Later?]>> = {
    'a start and an exit': [
      { replies: { 'publish TaskExecStarted': slow(2), 'process.close': slow(2) } },
      (harness) => {
        harness.exec.start().subscribe();
        harness.at(9, () => harness.process.exit(5));
      },
    ],
    'an init': [
      { init: true, replies: { 'container.start': slow(2), 'publish TaskStart': slow(2) } },
      (harness) => {
        harness.exec.start().subscribe();
        harness.at(9, () => harness.process.exit(5));
      },
    ],
    'a forced exit of a process that never reports its own': [
      { processExit$: NEVER },
      (harness) => {
        harness.exec.start().subscribe();
        harness.at(5, () => harness.exec.forceExit(42).subscribe());
      },
      { exit$: NEVER, forced: 42 },
    ],
    'a start that hangs, and is forced to end': [
      { replies: { 'container.createProcess': hang } },
      (harness) => {
        harness.exec.start().subscribe({ error: () => undefined });
        harness.at(5, () => harness.exec.forceExit(42).subscribe());
      },
      { createProcess: () => NEVER, forced: 42 },
    ],
    'an init whose process cannot be created': [
      { init: true, replies: { 'container.createProcess': refuse(), 'container.terminate': slow(3) } },
      (harness) => harness.exec.start().subscribe({ error: () => undefined }),
      { createProcess: () => throwError(() => new Error('no')) },
    ],
    'a start event that cannot be published': [
      { replies: { 'publish TaskExecStarted': refuse(), 'process.kill': slow(3) } },
      (harness) => {
        harness.exec.start().subscribe({ error: () => undefined });
        harness.at(9, () => harness.process.exit(137));
      },
      { publish: () => throwError(() => new Error('no')) },
    ],
  };

  it.each(Object.entries(lives))('has the same outcome: %s', (_, [script, act, later = {}]) => {
    const snapshots: ExecSnapshot[] = [];
    const { exec } = play(script, (harness) => {
      harness.exec.state$.subscribe(() => snapshots.push(snapshotOf(harness.exec)));
      act(harness);
    });
    const whole = outcomeOf(exec);
    expect(whole).toBeDefined();
    const [started, ...steps] = snapshots;
    expect(started?.state.phase).toBe('created');
    expect(steps.length).toBeGreaterThan(2);
    for (const snapshot of steps) {
      const outcome = goOn(snapshot, script, later);
      expect({ snapshot, outcome: plain(outcome) }).toEqual({ snapshot, outcome: plain(whole) });
    }
  });
});

const outcomeOf = (exec: Exec): ExecOutcome | undefined => {
  let outcome: ExecOutcome | undefined;
  exec.released$.subscribe((last) => (outcome = last)).unsubscribe();
  return outcome;
};

/** Without the moment, which may be another. */
const plain = (outcome: ExecOutcome | undefined) =>
  outcome && { kind: outcome.kind, status: outcome.status, forced: outcome.forced, error: errorIn(outcome) };
const errorIn = (outcome: ExecOutcome): unknown => ('error' in outcome ? String(outcome.error) : undefined);

/** What the world of a restored exec does, where that is not what is usual, and which command comes again. */
interface Later extends Pick<Partial<ExecOptions>, 'publish'> {
  readonly exit$?: ComputeProcess['exit$'];
  readonly createProcess?: () => Observable<ComputeProcess>;
  readonly forced?: number;
}

/** From a snapshot on, in a time that begins anew. */
const goOn = (snapshot: ExecSnapshot, { init = false }: Script, later: Later): ExecOutcome | undefined => {
  const scheduler = new VirtualTimeScheduler();
  const process = someProcess({ exit$: later.exit$ ?? of({ kind: 'exited', code: 5 } as const) });
  const { options } = somePorts(scheduler, {
    init,
    system: { createProcess: later.createProcess ?? (() => of(process)) },
    publish: later.publish ?? (() => EMPTY),
  });
  const held = snapshot.state.pid === 0 ? {} : { process };
  const exec = restoreExec({ ...options, scheduler, ...held }, throughJson(snapshot));
  let outcome: ExecOutcome | undefined;
  exec.released$.subscribe((last) => (outcome = last));
  if (later.forced !== undefined && snapshot.state.forcedStatus === undefined)
    exec.forceExit(later.forced).subscribe();
  scheduler.flush();
  return outcome;
};

describe('a snapshot', () => {
  it('is plain JSON of the whole state', () => {
    let snapshot: ExecSnapshot | undefined;
    play({ policies }, (harness) => {
      harness.exec.start().subscribe();
      harness.at(3, () => harness.exec.forceExit(42).subscribe());
      harness.at(4, () => {
        snapshot = snapshotOf(harness.exec);
      });
    });
    expect(throughJson(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      version: 1,
      state: { phase: 'running', pid: 4711, killed: true, forcedStatus: 42, exitDeadline: 7 },
    });
  });

  it('keeps why a start failed, as an error that is equal to the first', () => {
    const { exec } = play(
      { replies: { 'container.createProcess': harnesses.refuse(new Error('no room')) } },
      (harness) => harness.exec.start().subscribe({ error: () => undefined }),
    );
    const { outcome } = restored(snapshotOf(exec).state, { kind: 'exited', code: 0 });
    expect(outcome()).toMatchObject({
      kind: 'startFailed',
      error: expect.objectContaining({ message: 'no room' }),
    });
  });

  it('holds commands back while a restored start is in flight', () => {
    const { exec: starting } = play({ replies: { 'container.createProcess': harnesses.hang } }, (harness) =>
      harness.exec.start().subscribe(),
    );
    const scheduler = new VirtualTimeScheduler();
    const { options } = somePorts(scheduler, { system: { createProcess: () => NEVER } });
    const exec = restoreExec({ ...options, scheduler }, snapshotOf(starting));
    const received: string[] = [];
    exec.kill(15).subscribe({ error: () => received.push('failed'), complete: () => received.push('done') });
    exec.start().subscribe({ error: ({ kind }) => received.push(kind) });
    expect(received).toEqual([]);
    exec.forceExit(1).subscribe();
    scheduler.flush();
    expect(received).toEqual(['failed', 'failedPrecondition']);
  });

  it.each<[string, unknown, Partial<ExecOptions>, string]>([
    ['another version', { version: 2, state: { phase: 'created' } }, {}, 'snapshot.version'],
    ['no phase of an exec', { version: 1, state: { phase: 'asleep' } }, {}, 'snapshot.state.phase'],
    ['nothing', undefined, {}, 'snapshot'],
    ['a process that is not given', { version: 1, state: { phase: 'running', pid: 7 } }, {}, 'process'],
    [
      'another process than is given',
      { version: 1, state: { phase: 'running', pid: 7 } },
      { process: someProcess() },
      'process',
    ],
  ])('is refused with %s', (_, snapshot, more, field) => {
    const { options } = somePorts(new VirtualTimeScheduler());
    let refusal: unknown;
    try {
      restoreExec({ ...options, ...more }, snapshot as ExecSnapshot);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ kind: 'invalidArgument', field });
  });

  it('is of an exec that createExec has made', () => {
    expect(() => snapshotOf({} as Exec)).toThrow(/^exec: expected an exec/);
    const { options } = somePorts(new VirtualTimeScheduler());
    expect(snapshotOf(createExec(options)).state).toMatchObject({ phase: 'created', pid: 0 });
  });
});
