/** Where an exec meets what is not rxjs: await, AbortSignal, `await using`, other stream libraries. */
import { describe, expect, it } from '@jest/globals';
import { asyncScheduler, from, NEVER, observable } from 'rxjs';
import type { Harness, Script } from './harness.js';
import { hang, makeHarness, play } from './harness.js';

/** Without virtual time: promises know nothing of it. Nothing here waits for a clock. */
const now = (script: Script = {}): Harness =>
  makeHarness({ ...script, more: { scheduler: asyncScheduler } }, asyncScheduler as never);
const reason = new Error('changed my mind');

describe('awaiting', () => {
  it('starts, waits and tells the outcome', async () => {
    const { exec, system } = now();
    await expect(exec.start()).resolves.toBeUndefined();
    system.processes[0]?.exit(3);
    await expect(exec.wait()).resolves.toMatchObject({ kind: 'exited', status: 3, truncated: false });
  });

  it('rejects with the error of the command', async () => {
    const { exec } = now();
    await exec.start();
    await expect(exec.start()).rejects.toMatchObject({ name: 'RxshimError', kind: 'failedPrecondition' });
    await expect(exec.kill(99)).rejects.toMatchObject({
      kind: 'failedPrecondition',
      field: 'signal',
      value: 99,
    });
  });

  it('waits before the start, as many as like to', async () => {
    const { exec, system } = now();
    const waits = [exec.wait(), exec.wait(), exec.stop({ grace: 0 })]
      .slice(0, 2)
      .map((wait) => wait.then(({ status }) => status));
    await exec.start();
    system.processes[0]?.exit(7);
    expect(await Promise.all(waits)).toEqual([7, 7]);
  });
});

describe('an AbortSignal', () => {
  it('aborted before keeps a command from being begun', async () => {
    const { exec, log } = now();
    await expect(exec.start({ abortSignal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(exec.state).toBe('created');
    expect(log).toEqual([]);
  });

  it('ends the wait for a command, not what the command began', async () => {
    const { exec, system, log } = now({ replies: { 'process.signal': hang } });
    await exec.start();
    const abort = new AbortController();
    const kill = exec.kill(15, { abortSignal: abort.signal }).then(String, String);
    await Promise.resolve();
    abort.abort(reason);
    expect(await kill).toBe(String(reason));
    expect(log.filter((line) => line.endsWith('process.signal'))).toHaveLength(1);
    system.processes[0]?.exit(0);
  });

  it('takes a command back that waits for its turn', async () => {
    const { exec, system, log } = now({ replies: { 'process.signal': hang } });
    await exec.start();
    exec.kill(15).subscribe();
    const abort = new AbortController();
    const second = exec.kill(10, { abortSignal: abort.signal }).then(String, String);
    abort.abort(reason);
    expect(await second).toBe(String(reason));
    expect(log.filter((line) => line.endsWith('process.signal'))).toHaveLength(1);
    system.processes[0]?.exit(0);
  });

  it('ends a wait, and leaves the exec alone', async () => {
    const { exec } = now();
    await exec.start();
    await expect(exec.wait({ abortSignal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(exec.state).toBe('running');
  });

  it('ends the wait for a stop, which goes on: half a stop would be none', () => {
    const { log } = play({}, (harness) => {
      harness.exec.start().subscribe();
      const abort = new AbortController();
      harness.record('stop', harness.exec.stop({ grace: 100, abortSignal: abort.signal }));
      harness.at(50, () => abort.abort(reason));
      harness.at(110, () => harness.process.exit(137));
    });
    expect(log).toContain(`50 stop: ${reason}`);
    expect(log).toContain('100 process.kill');
    expect(log.at(-1)).toBe('110 released$');
  });
});

describe('leaving the scope', () => {
  it('ends a running exec and waits for its release', async () => {
    const { exec, system, log } = now();
    await exec.start();
    const disposed = exec[Symbol.asyncDispose]();
    await Promise.resolve();
    expect(log.at(-1)).toMatch(/process\.kill$/);
    system.processes[0]?.exit(137);
    await disposed;
    expect(exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
    expect(log.at(-1)).toMatch(/released\$$/);
  });

  it('discards one that never ran, and minds none that has ended', async () => {
    const { exec } = now();
    await exec[Symbol.asyncDispose]();
    await exec[Symbol.asyncDispose]();
    expect(exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137, pid: 0 });
  });

  it('is not held up by a signal that hangs', async () => {
    const { exec, system, log } = now({ replies: { 'process.signal': hang } });
    await exec.start();
    exec.kill(15).subscribe();
    const disposed = exec[Symbol.asyncDispose]();
    await Promise.resolve();
    expect(log.at(-1)).toMatch(/process\.kill$/);
    system.processes[0]?.exit(137);
    await disposed;
    expect(exec.state).toBe('exited');
  });

  it('waits no longer than the bound for a process that cannot be killed', async () => {
    const { exec } = now({ processExit$: NEVER, policies: { exitTimeout: 1 } });
    await exec.start();
    await exec[Symbol.asyncDispose]();
    expect(exec.status()).toMatchObject({ status: 'STOPPED', exitStatus: 137 });
  });
});

describe('other stream libraries', () => {
  it('get the states of an exec', () => {
    const { exec } = now();
    const phases: string[] = [];
    from(exec).subscribe(({ phase }) => phases.push(phase));
    exec.start().subscribe();
    expect(phases).toEqual(['created', 'starting', 'announcing', 'running']);
    expect(observable in exec).toBe(true);
  });
});
