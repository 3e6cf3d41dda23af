/** An option that there is not is refused by its path from the root, whichever call it is given to. */
import { describe, expect, it } from '@jest/globals';
import { createTask, run, runTask } from 'rxshim';
import { docker } from 'rxshim/docker';
import { kubernetes } from 'rxshim/kubernetes';
import { local } from 'rxshim/local';
import { pool, readyWhen, supervise, expect as talk } from 'rxshim/orchestrate';
import { runc } from '../../src/hcs/runc/index.js';

type Call = (options: object) => unknown;

const task = { id: 't', spec: { args: ['true'] } };
const work = () => run(local(), ['true']);

const calls: Readonly<Record<string, Call>> = {
  'run()': (options) => run(local(), ['true'], options),
  'createTask()': (options) => createTask({ ...task, system: local(), ...options }),
  'runTask()': (options) => runTask({ ...task, system: local(), ...options }, () => [1]),
  'task.createExec()': async (options) => {
    const beside = await createTask({ id: 'beside', system: local() });
    try {
      await beside.init.start();
      await beside.createExec({ ...task, ...options });
    } finally {
      await beside[Symbol.asyncDispose]();
    }
  },
  'local()': (options) => local(options),
  'runc()': (options) => runc({ id: 'c', bundle: '/nowhere', ...options }),
  'docker()': (options) => docker({ image: 'busybox', ...options }),
  'kubernetes()': (options) => kubernetes({ image: 'busybox', ...options }),
  'supervise()': (options) => supervise(work, options),
  'pool()': (options) => pool(work, { concurrency: 1, ...options }),
  'readyWhen()': (options) => readyWhen(work(), { line: /x/ }, options),
  'expect()': (options) => talk(local(), ['true'], [], options),
};

/** The field that is named when the options are refused, at once or later. */
const refused = async (call: Call, options: object): Promise<unknown> => {
  try {
    await call(options);
  } catch (error) {
    const { kind, field, message } = error as { kind?: string; field?: string; message: string };
    expect(message.startsWith(`${field}: `)).toBe(true);
    return { kind, field };
  }
  return 'taken';
};

/** Options, the path of the one that there is not, and the calls that take the others. */
const table: readonly (readonly [options: object, path: string, calls: readonly string[]])[] = [
  [{ nonsense: 1 }, 'nonsense', Object.keys(calls)],
  [{ spec: { args: ['true'], evn: [] } }, 'spec.evn', ['createTask()', 'runTask()', 'task.createExec()']],
  [{ spec: { agrs: ['true'] } }, 'spec.agrs', ['createTask()', 'runTask()', 'task.createExec()']],
  [
    { stdio: { sdtout: 'pipe' } },
    'stdio.sdtout',
    ['run()', 'createTask()', 'runTask()', 'task.createExec()'],
  ],
  [{ policies: { endTimeOut: 1 } }, 'policies.endTimeOut', ['createTask()', 'runTask()']],
  [{ policies: { drain: { cap: 1, sttall: 1 } } }, 'policies.drain.sttall', ['createTask()', 'runTask()']],
  [{ stop: { gracePeriod: 1 } }, 'stop.gracePeriod', ['run()']],
  [{ records: { directory: '/r', label: {} } }, 'records.label', ['runc()']],
  [{ backoff: { initial: 1 } }, 'backoff.initial', ['supervise()', 'pool()']],
  [{ health: { check: () => true, every: 1 } }, 'health.every', ['supervise()']],
];

describe.each(Object.entries(calls))('%s', (name, call) => {
  it.each(table.filter(([, , takers]) => takers.includes(name)))(
    'refuses %j as %s',
    async (options, path) => {
      expect(await refused(call, options)).toEqual({ kind: 'invalidArgument', field: path });
    },
  );
});
