/** What each field of the state of a task decides. A field that decided nothing would not be in the state. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EMPTY, NEVER, of, throwError } from 'rxjs';
import { machine, resume, taskLoop } from '../../../src/streams/task/machine.js';
import type { Fact } from '../../../src/streams/task/state/fact.js';
import { effectsToResume } from '../../../src/streams/task/state/lifecycle.js';
import { reduce as wholeReduce } from '../../../src/streams/task/state/reduce.js';
import { initialState, type State } from '../../../src/streams/task/state/state.js';
import { inMarbles } from '../../support/marbles.js';
import { effectPorts } from './effect-ports.js';
import { freshTask, runningTask } from './task-harness.js';

/** The field that is reset after every step, in place of being kept. */
let lost: keyof State | undefined;

/** The reducer, without a field. The machine of every task in this file reduces by it. */
const reduce: typeof wholeReduce = (state, fact) => {
  const next = wholeReduce(state, fact);
  if (lost === undefined || next[lost] === initialState[lost]) return next;
  return { ...next, [lost]: initialState[lost] };
};
const patched = machine as { reduce: typeof wholeReduce };
beforeAll(() => {
  patched.reduce = reduce;
});
afterAll(() => {
  patched.reduce = wholeReduce;
});

const after = (...facts: readonly Fact[]): State => facts.reduce(reduce, initialState);
const up: readonly Fact[] = [{ type: 'opened' }, { type: 'created' }, { type: 'announced' }];
const no = new Error('no');

const decides: { readonly [F in keyof State]: readonly [what: string, test: () => void] } = {
  phase: [
    'which facts mean something, and where a restored task goes on',
    () => {
      expect(reduce(after(...up), { type: 'created' })).toEqual(after(...up));
      expect(effectsToResume(after(...up))).toEqual(['watchInit']);
    },
  ],
  announcement: [
    'that no exit is published of a task whose create event is not out, and that a restored task publishes none twice',
    () => {
      expect(effectsToResume(after(...up))).not.toContain('announce');
      const { log } = failingTask();
      expect(log.some((line) => line.includes('TaskExit'))).toBe(false);
    },
  ],
  failure: ['which error the creation has', () => expect(failingTask().log).toContain('0 create: Error: no')],
  initExited: [
    'that no termination is due of an init that exited before SIGKILL',
    () => {
      const exited = after(...up, { type: 'initExited' });
      expect(reduce(exited, { type: 'killSent', deadline: 30 })).toBe(exited);
    },
  ],
  deadline: [
    'until when a restored task waits',
    () => {
      const waiting = after(...up, { type: 'initReleased' }, { type: 'requested', deadline: 30 });
      inMarbles(({ scheduler, expectObservable }) => {
        const { ports } = effectPorts(scheduler, { system: { exit$: NEVER } });
        expectObservable(machine.effects.awaitGone(ports, waiting)).toBe('30ms (a|)', {
          a: { type: 'timedOut', deadline: 30_030 },
        });
      });
    },
  ],
  survivorDeadline: [
    'when the container of an init that survives SIGKILL is terminated, also after a restore',
    () =>
      expect(effectsToResume(after(...up, { type: 'killSent', deadline: 30 }))).toContain('awaitSurvivor'),
  ],
  execs: [
    'which ids are taken',
    () => {
      const { log } = runningTask({}, ({ task, record }) => {
        record('first', task.createExec({ id: 'a', spec: { args: ['true'] } }));
        record('second', task.createExec({ id: 'a', spec: { args: ['true'] } }));
      });
      expect(log.slice(-2)).toEqual(['0 first: done', '0 second: alreadyExists']);
    },
  ],
  lastClaim: [
    'which of two requests for an id has got it',
    () => {
      const first = after(...up, { type: 'execClaimed', id: 'a', by: 1 });
      const second = reduce(first, { type: 'execClaimed', id: 'a', by: 2 });
      expect([first.lastClaim, second.lastClaim]).toEqual([
        { by: 1, granted: true },
        { by: 2, granted: false },
      ]);
    },
  ],
  deletedBy: [
    'which of two deletions gets the status, and which one notFound',
    () => {
      const { log } = runningTask({}, ({ task, process, record }) => {
        process(0).exit(0);
        record('first', task.delete());
        record('second', task.delete());
      });
      expect(log.filter((line) => /first|second/.test(line))).toEqual([
        '0 first: done',
        '0 second: notFound',
      ]);
    },
  ],
  removalFailure: [
    'with which error a deletion fails, that can be requested again',
    () => {
      const errors: unknown[] = [];
      inMarbles(({ scheduler, flush }) => {
        let works = false;
        const { ports } = effectPorts(scheduler, {
          system: {
            exit$: of({ reason: 'ended' as const }),
            delete: () => (works ? EMPTY : throwError(() => no)),
          },
          init: { state: 'exited', exit$: of({}) as never, released$: of({}) as never },
        });
        const loop = taskLoop(ports, initialState);
        loop.changes$.subscribe(({ removalFailure }) => {
          if (removalFailure !== undefined) errors.push(removalFailure.message);
        });
        resume(loop);
        loop.post({ type: 'deleteRequested', by: 1 });
        works = true;
        loop.post({ type: 'deleteRequested', by: 2 });
        flush();
        expect([loop.state.phase, loop.state.removalFailure]).toEqual(['over', undefined]);
      });
      expect(new Set(errors)).toEqual(new Set(['no']));
    },
  ],
};

const failingTask = () => freshTask({ replies: { TaskCreate: () => throwError(() => no) } }, () => undefined);

it.each(Object.entries(decides).map(([field, [what, test]]) => [field, what, test] as const))(
  '%s decides %s',
  (field, _, test) => {
    expect(Object.keys(initialState)).toContain(field);
    test();
  },
);

it.each(Object.entries(decides).map(([field, [, test]]) => [field, test] as const))(
  '%s is missed when it is not kept',
  (field, test) => {
    lost = field as keyof State;
    try {
      expect(test).toThrow();
    } finally {
      lost = undefined;
    }
  },
);

it('Each field of the state is among these', () => {
  expect(Object.keys(decides).sort()).toEqual(Object.keys(initialState).sort());
});
