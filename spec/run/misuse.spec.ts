/** What a task refuses, by its path from the root of the options. */
import { describe, expect, it } from '@jest/globals';
import { createTask, kindOf, type ProcessSpec } from 'rxshim';
import { local } from 'rxshim/local';

const refusal = (options: object): Promise<string> =>
  createTask({ id: 't', system: local(), spec: { args: ['true'] }, ...options }).then(
    () => 'taken',
    (error: unknown) => (error as Error).message,
  );

describe('createTask', () => {
  it('names what is wrong by its path', async () => {
    expect(await refusal({ spec: { agrs: ['true'] } })).toContain(
      'spec.agrs: there is no such field, did you mean args?',
    );
    expect(await refusal({ spec: { args: ['true'], env: { A: 'b' } } })).toContain(
      'spec.env: expected a list',
    );
    expect(await refusal({ stdio: ['pipe'] })).toContain('stdio: expected an object such as');
    expect(await refusal({ stdio: { stdout: 'pip' } })).toContain('stdio.stdout: expected');
  });

  it('refuses a system that another task has', async () => {
    const system = local();
    const task = await createTask({ id: 'one', system });
    await expect(createTask({ id: 'two', system })).rejects.toMatchObject({
      kind: 'failedPrecondition',
      field: 'system',
      message: expect.stringContaining('belongs to another task'),
    });
    await task[Symbol.asyncDispose]();
  });

  it('refuses `signal` where an abortSignal is meant', async () => {
    const task = await createTask({ id: 'one', system: local() });
    const { signal } = new AbortController();
    await expect(task.init.start({ signal } as object)).rejects.toThrow(
      'signal: expected abortSignal for an AbortSignal',
    );
    await task[Symbol.asyncDispose]();
  });

  it('has an init that only waits where none is described', async () => {
    const task = await createTask({ id: 'idle', system: local() });
    await task.init.start();
    expect(task.init.state).toBe('running');
    expect((await task.stop()).by).toBe('signal');
    await task.delete();
  });

  it('takes no misspelt field of a process', () => {
    // @ts-expect-error: args
    const spec: ProcessSpec = { agrs: ['true'] };
    expect(spec).toBeDefined();
  });

  it('returns commands with catch and finally', async () => {
    let done = 0;
    const task = await createTask({ id: 'one', system: local() }).finally(() => (done += 1));
    await task[Symbol.asyncDispose]();
    const kind = await task.init.kill('TERM').catch(kindOf);
    expect([kind, done]).toEqual(['notFound', 1]);
  });
});
