/**
 * Input that cannot be: each gets a typed error that names the option and holds its value, before anything is started.
 */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, type Observable } from 'rxjs';
import { RxshimError } from '../../src/hcs/failures/errors.js';
import { linuxSignals } from '../../src/hcs/signals/linux.js';
import { createExec } from '../../src/streams/exec/exec.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import { createSandboxExec } from '../../src/streams/exec/sandbox.js';
import type { Task } from '../../src/streams/task/interface.js';
import { createTask } from '../../src/streams/task/task.js';
import { type Harness, play, type Script } from './exec/harness.js';
import { runningTask, type TaskHarness } from './task/task-harness.js';

const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return 'nothing';
};

/** The error of a command, whether it comes at the call or at the subscription. */
const failing = (act: () => Observable<unknown>): unknown => {
  let failure: unknown = 'nothing';
  const early = thrown(() =>
    act().subscribe({
      error: (error) => {
        failure = error;
      },
    }),
  );
  return early === 'nothing' ? failure : early;
};

const names = (error: unknown, field: string, value: unknown): void => {
  expect(error).toBeInstanceOf(RxshimError);
  expect(error).toMatchObject({ kind: 'invalidArgument', field, message: expect.stringContaining(field) });
  expect((error as RxshimError).value).toBe(value);
};

const badIds = [
  '',
  ' ',
  'a b',
  '../a',
  'a/b',
  '-a',
  'a..b',
  'ä',
  'x'.repeat(77),
  'a\0',
  7,
  null,
  undefined,
  {},
];
const badTimes = [-1, Number.NaN, Infinity, 2 ** 31, '5', {}];

describe('making an exec', () => {
  it.each(badIds)('refuses the id %p', (id) => {
    names(
      thrown(() => play({ more: { id: id as string } }, () => undefined)),
      'id',
      id,
    );
    names(
      thrown(() => play({ more: { taskId: id as string } }, () => undefined)),
      'taskId',
      id,
    );
    names(
      thrown(() => createSandboxExec({ taskId: id as string, bundle: '', publish: () => EMPTY })),
      'taskId',
      id,
    );
  });

  it.each(['a', 'A-1', 'a.b_c-d', 'x'.repeat(76)])('takes the id %p', (id) => {
    expect(play({ more: { id } }, () => undefined).exec.id).toBe(id);
  });

  it.each(badTimes)('refuses the time %p in every policy', (time) => {
    const bad = time as number;
    for (const name of ['exitTimeout', 'publishTimeout', 'closeTimeout'] as const) {
      names(
        thrown(() => play({ policies: { [name]: bad } }, () => undefined)),
        `policies.${name}`,
        time,
      );
    }
    names(
      thrown(() => play({ policies: { drain: { cap: bad } } }, () => undefined)),
      'policies.drain.cap',
      time,
    );
    names(
      thrown(() => play({ policies: { drain: { cap: 1, idle: bad } } }, () => undefined)),
      'policies.drain.idle',
      time,
    );
  });

  it('takes no time at all, and the longest that a timer can', () => {
    for (const time of [0, 0.5, 2 ** 31 - 1]) {
      const policies = {
        exitTimeout: time,
        publishTimeout: time,
        closeTimeout: time,
        drain: { cap: time, idle: time },
      };
      expect(play({ policies }, () => undefined).exec.state).toBe('created');
    }
  });

  it.each([undefined, null])('takes a policy of %p for one that is left out', (none) => {
    const policies = { exitTimeout: none, drain: none } as never;
    const { exec } = play({ policies }, (harness) => {
      harness.exec.start().subscribe();
      harness.exec.forceExit(1).subscribe();
    });
    expect(exec.status().exitedAt).toEqual(new Date(5_000));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['policies that are none', { policies: 5 }, 'policies'],
    ['a system that is none', { system: {} }, 'system'],
    ['no system', { system: undefined }, 'system'],
    ['an upstream that is none', { upstream: {} }, 'upstream'],
    ['no upstream', { upstream: null }, 'upstream'],
    ['a publisher that is none', { publish: 'redis://' }, 'publish'],
    ['a scheduler that is none', { scheduler: 7 }, 'scheduler'],
    ['a relay that is none', { startRelay: {} }, 'startRelay'],
  ])('refuses %s', (_, more, field) => {
    names(
      thrown(() => play({ more: more as never }, () => undefined)),
      field,
      more[field],
    );
  });

  it.each([undefined, null, 'exec'])('refuses %p in the place of options', (options) => {
    names(
      thrown(() => createExec(options as never)),
      'options',
      options,
    );
  });
});

describe('a command to an exec', () => {
  const commands: readonly [
    string,
    (exec: Exec, value: never) => Observable<unknown>,
    string,
    readonly unknown[],
  ][] = [
    ['kill', (exec, signal) => exec.kill(signal), 'signal', [undefined, null, {}, [], true, 15n]],
    ['stop', (exec, signal) => exec.stop({ signal }), 'signal', [null, {}, [], true]],
    ['stop', (exec, grace) => exec.stop({ grace }), 'grace', badTimes],
    ['stop', (exec, options) => exec.stop(options), 'options', [null, 5, 'soon']],
    [
      'forceExit',
      (exec, status) => exec.forceExit(status),
      'status',
      [undefined, null, -1, 1.5, 2 ** 32, Number.NaN, '1'],
    ],
    [
      'resizePty',
      (exec, width) => exec.resizePty({ width, height: 25 }),
      'width',
      [undefined, null, -1, 1.5, 2 ** 32, Number.NaN, '80'],
    ],
    [
      'resizePty',
      (exec, height) => exec.resizePty({ width: 80, height }),
      'height',
      [undefined, -1, 0.1, {}],
    ],
    ['resizePty', (exec, size) => exec.resizePty(size), 'size', [undefined, null, 80]],
  ];

  it.each(commands)('%s refuses what cannot be, in every state', (_, command, field, values) => {
    for (const state of ['created', 'running', 'exited']) {
      for (const value of values) {
        const { log, exec } = play({ terminal: true }, (harness) => {
          if (state !== 'created') harness.exec.start().subscribe();
          if (state === 'exited') harness.process.exit(0);
          const before = harness.log.length;
          names(
            failing(() => command(harness.exec, value as never)),
            field,
            value,
          );
          harness.log.splice(0, before);
        });
        expect([value, exec.state, log]).toEqual([value, state, []]);
      }
    }
  });

  it.each([0, 32, 99, -15, 1.5, Number.NaN, Infinity, 'SIGNONSENSE', ' 15', '0x0f'])(
    'kill says that a running process takes no signal %p, and sends none',
    (signal) => {
      const { log, exec } = play({ signals: linuxSignals({ supported: true }) }, (harness) => {
        harness.exec.start().subscribe();
        const error = failing(() => harness.exec.kill(signal));
        expect(error).toMatchObject({
          kind: 'failedPrecondition',
          field: 'signal',
          message: `signal ${signal}: invalid signal value: failed precondition`,
        });
        expect((error as RxshimError).value).toBe(signal);
      });
      expect(exec.state).toBe('running');
      expect(log.filter((line) => /process\.(kill|signal)/.test(line))).toEqual([]);
    },
  );

  it.each<[string, (exec: Exec, options: never) => Observable<unknown>]>([
    ['start', (exec, options) => exec.start(options)],
    ['kill', (exec, options) => exec.kill(9, options)],
    ['wait', (exec, options) => exec.wait(options)],
    ['stop', (exec, options) => exec.stop(options)],
  ])('%s refuses an abortSignal that is none', (_, command) => {
    for (const abortSignal of ['soon', {}, 5, null]) {
      const { exec } = play({}, (harness) => {
        names(
          failing(() => command(harness.exec, { abortSignal } as never)),
          'abortSignal',
          abortSignal,
        );
      });
      expect(exec.state).toBe('created');
    }
  });
});

describe('making a task', () => {
  const made = (
    options: Record<string, unknown>,
    script: Script = {},
  ): { error: unknown; harness: Harness } => {
    let error: unknown;
    const harness = play(script, ({ system, scheduler, note }) => {
      const publish = () => {
        note('published');
        return EMPTY;
      };
      error = failing(() =>
        createTask({ id: 't', system, scheduler, spec: { args: ['true'] }, publish, ...options } as never),
      );
    });
    return { error, harness };
  };

  it.each<[string, Record<string, unknown>, unknown]>([
    ['id', { id: '' }, ''],
    ['id', { id: 'a b' }, 'a b'],
    ['system', { system: undefined }, undefined],
    ['system', { system: {} }, expect.anything()],
    ['policies.exitTimeout', { policies: { exitTimeout: -1 } }, -1],
    ['publish', { publish: 5 }, 5],
    ['stdio', { stdio: 5 }, 5],
    ['stdio', { stdio: null }, null],
    ['stdio.stdout', { stdio: { stdout: 'ftp://x' } }, 'ftp://x'],
    ['stdio.stdout', { stdio: { stdout: 'relative' } }, 'relative'],
  ])('refuses the %s of %j', (field, options, value) => {
    const { error, harness } = made(options);
    expect(error).toMatchObject({ kind: 'invalidArgument', field, value });
    expect(harness.log).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['spec', undefined],
    ['spec', null],
    ['spec', 'true'],
    ['spec.args', {}],
    ['spec.args', { args: [] }],
    ['spec.args', { args: 'true' }],
    ['spec.args[1]', { args: ['true', 7] }],
    ['spec.args[0]', { args: ['tr\0ue'] }],
  ])('refuses the %s of %j where the container has no description of its own', (field, spec) => {
    const { error, harness } = made({ spec }, { initInDocument: false });
    expect(error).toMatchObject({ kind: 'invalidArgument', field });
    expect(harness.log).toEqual([]);
  });

  it('refuses stderr with a terminal, in the words of containerd', () => {
    const { error, harness } = made({ stdio: { terminal: true, stderr: '/tmp/err' } });
    expect(error).toMatchObject({ kind: 'failedPrecondition', message: expect.stringContaining('stderr') });
    expect(harness.log).toEqual([]);
  });

  it.each([undefined, null, 'task'])('refuses %p in the place of options', (options) => {
    names(
      failing(() => createTask(options as never)),
      'options',
      options,
    );
  });
});

describe('a command to a task', () => {
  const commands: readonly [
    string,
    (task: Task, value: never) => Observable<unknown>,
    string,
    readonly unknown[],
  ][] = [
    ['createExec', (task, request) => task.createExec(request), 'request', [undefined, null, 'a']],
    [
      'createExec',
      (task, id) => task.createExec({ id, spec: { args: ['true'] } }),
      'id',
      badIds.filter((id) => id !== ''),
    ],
    ['createExec', (task, spec) => task.createExec({ id: 'a', spec }), 'spec', [undefined, null, 7]],
    [
      'createExec',
      (task, stdio) => task.createExec({ id: 'a', spec: { args: ['true'] }, stdio }),
      'stdio',
      [null, 7],
    ],
    ['kill', (task, signal) => task.kill(signal), 'signal', [undefined, null, {}]],
    ['kill', (task, signal) => task.kill(signal, { all: true }), 'signal', [undefined, null, {}]],
    ['stop', (task, grace) => task.stop({ grace }), 'grace', badTimes],
  ];

  it.each(commands)('%s refuses what cannot be', (_, command, field, values) => {
    for (const value of values) {
      const { log, task } = runningTask({}, (harness: TaskHarness) => {
        const before = harness.log.length;
        names(
          failing(() => command(harness.task, value as never)),
          field,
          value,
        );
        harness.log.splice(0, before);
      });
      expect([value, log, task.execs]).toEqual([value, [], []]);
    }
  });
});
