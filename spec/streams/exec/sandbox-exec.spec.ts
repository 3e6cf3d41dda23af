/** The exec of a sandbox without a process: it starts, runs and ends in name only (reference, section 10). */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, type Observable, throwError } from 'rxjs';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import type { TaskEvent } from '../../../src/streams/events.js';
import type { Exec } from '../../../src/streams/exec/interface.js';
import { createSandboxExec } from '../../../src/streams/exec/sandbox.js';
import { inMarbles } from '../../support/marbles.js';

interface Sandbox {
  readonly exec: Exec;
  readonly events: TaskEvent[];
}

const sandbox = (
  state: 'created' | 'running' | 'exited' = 'created',
  publish: () => Observable<unknown> = () => EMPTY,
): Sandbox =>
  inMarbles(({ scheduler }) => {
    const events: TaskEvent[] = [];
    const exec = createSandboxExec({
      taskId: 'pod',
      bundle: '/bundle',
      scheduler,
      publish: (event) => {
        events.push(event);
        return publish();
      },
    });
    if (state !== 'created') exec.start().subscribe();
    if (state === 'exited') exec.kill(9).subscribe();
    return { exec, events };
  });

const said = (command: Observable<unknown>): string => {
  let answer = 'nothing';
  command.subscribe({
    error: (error) => {
      answer = error instanceof RxshimError ? error.kind : String(error);
    },
    complete: () => {
      answer = 'done';
    },
  });
  return answer;
};

const statusOf = ({ exec }: Sandbox): readonly unknown[] => {
  const { status, exitStatus, pid } = exec.status();
  return [status, exitStatus, pid];
};

describe('a sandbox', () => {
  it('is the init of its pod, without stdio, pid or exit', () => {
    const { exec, events } = sandbox();
    expect(exec.status()).toEqual({
      id: 'pod',
      execId: 'pod',
      bundle: '/bundle',
      pid: 0,
      status: 'CREATED',
      stdin: '',
      stdout: '',
      stderr: '',
      terminal: false,
      exitStatus: 255,
      exitedAt: undefined,
    });
    expect(events).toEqual([]);
  });

  it.each<
    [string, (exec: Exec) => Observable<unknown>, Record<string, readonly [string, string, number, number]>]
  >([
    [
      'start',
      (exec) => exec.start(),
      {
        created: ['done', 'RUNNING', 255, 1],
        running: ['failedPrecondition', 'RUNNING', 255, 1],
        exited: ['failedPrecondition', 'STOPPED', 0, 1],
      },
    ],
    [
      'kill, whatever the signal',
      (exec) => exec.kill(4242),
      {
        created: ['done', 'STOPPED', 1, 0],
        running: ['done', 'STOPPED', 0, 1],
        exited: ['notFound', 'STOPPED', 0, 1],
      },
    ],
    [
      'forceExit, whatever the status',
      (exec) => exec.forceExit(77),
      {
        created: ['done', 'STOPPED', 1, 0],
        running: ['done', 'STOPPED', 1, 1],
        exited: ['done', 'STOPPED', 0, 1],
      },
    ],
    [
      'resizePty',
      (exec) => exec.resizePty({ width: 80, height: 25 }),
      {
        created: ['failedPrecondition', 'CREATED', 255, 0],
        running: ['failedPrecondition', 'RUNNING', 255, 1],
        exited: ['failedPrecondition', 'STOPPED', 0, 1],
      },
    ],
    [
      'closeIo',
      (exec) => exec.closeIo(),
      {
        created: ['done', 'CREATED', 255, 0],
        running: ['done', 'RUNNING', 255, 1],
        exited: ['done', 'STOPPED', 0, 1],
      },
    ],
    [
      'wait',
      (exec) => exec.wait(),
      {
        created: ['nothing', 'CREATED', 255, 0],
        running: ['nothing', 'RUNNING', 255, 1],
        exited: ['done', 'STOPPED', 0, 1],
      },
    ],
    [
      'stop',
      (exec) => exec.stop(),
      {
        created: ['done', 'STOPPED', 1, 0],
        running: ['done', 'STOPPED', 0, 1],
        exited: ['done', 'STOPPED', 0, 1],
      },
    ],
  ])('answers to %s as its state says', (_, command, answers) => {
    for (const state of ['created', 'running', 'exited'] as const) {
      const one = sandbox(state);
      const [answer, ...status] = answers[state] ?? [];
      expect([state, said(command(one.exec)), ...statusOf(one)]).toEqual([state, answer, ...status]);
    }
  });

  it('reports its start, and leaves its exit to its task', () => {
    const { exec, events } = sandbox('exited');
    const received: TaskEvent[] = [];
    exec.events$.subscribe((event) => received.push(event));
    expect(events).toEqual([{ type: 'TaskStart', topic: '/tasks/start', containerId: 'pod', pid: 1 }]);
    expect(received).toEqual(events);
  });

  it('runs even if its start could not be published', () => {
    const one = sandbox('created', () => throwError(() => new Error('down')));
    expect(said(one.exec.start())).toBe('Error: down');
    expect(statusOf(one)).toEqual(['RUNNING', 255, 1]);
  });

  it('asks nothing before a command is subscribed to', () => {
    const one = sandbox();
    void [one.exec.start(), one.exec.kill(9), one.exec.forceExit(1), one.exec.stop()];
    expect(statusOf(one)).toEqual(['CREATED', 255, 0]);
  });

  it('reports its waiters, early and late, the same end', () => {
    const { exec } = sandbox('running');
    const ends: unknown[] = [];
    const wait = () => exec.wait().subscribe((end) => ends.push(end));
    wait();
    exec.kill(15).subscribe();
    wait();
    exec.exit$.subscribe((exit) => expect(exit).toMatchObject({ kind: 'exited', code: 0, status: 0 }));
    expect(ends).toHaveLength(2);
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]).toMatchObject({ kind: 'exited', status: 0, truncated: false });
  });

  it('says how it was stopped', () => {
    const by: string[] = [];
    for (const state of ['created', 'running', 'exited'] as const) {
      sandbox(state)
        .exec.stop()
        .subscribe((outcome) => by.push(outcome.by));
    }
    expect(by).toEqual(['itself', 'signal', 'itself']);
  });

  it('reports everyone the same history, also when one of them acts on it', () => {
    const { exec } = sandbox();
    const early: string[] = [];
    const late: string[] = [];
    exec.state$.subscribe(({ state }) => {
      early.push(state);
      if (state === 'running') exec.kill(9).subscribe();
    });
    exec.state$.subscribe({ next: ({ state }) => late.push(state), complete: () => late.push('|') });
    exec.start().subscribe();
    expect(early).toEqual(['created', 'running', 'exited']);
    expect(late).toEqual(['created', 'running', 'exited', '|']);
  });

  it('ends with its scope', async () => {
    const one = sandbox('running');
    await one.exec[Symbol.asyncDispose]();
    expect(statusOf(one)).toEqual(['STOPPED', 1, 1]);
  });

  it('refuses what is no id, no signal and no status', () => {
    expect(() => createSandboxExec({ taskId: '', bundle: '', publish: () => EMPTY })).toThrow('taskId');
    expect(said(sandbox().exec.kill(undefined as never))).toBe('invalidArgument');
    expect(said(sandbox().exec.forceExit(-1))).toBe('invalidArgument');
  });
});
