/** Commands run by one call, over real processes. */
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, tap, toArray } from 'rxjs';
import { createTask, RunError, run } from 'rxshim';
import { local } from 'rxshim/local';

const failure = async (running: PromiseLike<unknown>): Promise<RunError> => {
  try {
    await running;
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

const sh = (script: string): readonly string[] => ['sh', '-c', script];

describe('a run that is awaited', () => {
  it('resolves with output and status', async () => {
    const { stdout, stderr, status, failed, pid } = await run(local(), sh('echo out; echo err >&2'));
    expect({ stdout, stderr, status, failed }).toEqual({
      stdout: 'out',
      stderr: 'err',
      status: 0,
      failed: false,
    });
    expect(pid).toBeGreaterThan(0);
  });

  it('is one process, however often it is awaited', async () => {
    const running = run(local(), sh('echo $$'));
    const [one, two] = await Promise.all([running, running]);
    expect(one.stdout).toBe(two.stdout);
    expect(await running.finally(() => undefined)).toBe(one);
  });

  it('may share one local system with other runs', async () => {
    const system = local();
    const [one, two] = await Promise.all([run(system, ['echo', '1']), run(system, ['echo', '2'])]);
    expect([one.stdout, two.stdout]).toEqual(['1', '2']);
  });

  it('runs beside the init of a task, and is forgotten by it', async () => {
    const task = await createTask({ id: 'jobs', system: local() });
    await task.init.start();
    const results = await Promise.all(['1', '2', '3'].map((text) => run(task, ['echo', text])));
    expect(results.map(({ stdout }) => stdout)).toEqual(['1', '2', '3']);
    expect(task.execs).toHaveLength(0);
    await task.stop();
    await task.delete();
  });

  it('takes input as text, bytes, and anything that can be iterated', async () => {
    const source = async function* () {
      yield 'a';
      yield Buffer.from('b');
    };
    const inputs = ['text', Buffer.from('bytes'), ['x', 'y'], source()] as const;
    const results = await Promise.all(inputs.map((input) => run(local(), ['cat'], { input })));
    expect(results.map(({ stdout }) => stdout)).toEqual(['text', 'bytes', 'xy', 'ab']);
  });

  it('has no input without one', async () => {
    expect((await run(local(), ['cat'])).stdout).toBe('');
  });

  it('adds to the environment of this program, and can take from it', async () => {
    process.env['RXSHIM_SPEC'] = 'here';
    const script = sh('echo "$RXSHIM_SPEC,$ADDED,$HOME"');
    const home = process.env['HOME'];
    expect((await run(local(), script, { env: { ADDED: 'a=b' } })).stdout).toBe(`here,a=b,${home}`);
    expect((await run(local(), script, { env: { RXSHIM_SPEC: undefined } })).stdout).toBe(`,,${home}`);
    delete process.env['RXSHIM_SPEC'];
  });

  it('runs in another directory, and as another user', async () => {
    expect((await run(local(), ['pwd'], { cwd: '/usr' })).stdout).toBe('/usr');
    const ids = ['id', '-u'];
    const users = ['65534', 65534, 'nobody', '65534:65534', { uid: 65534 }] as const;
    const results = await Promise.all(users.map((user) => run(local(), ids, { user })));
    expect(results.map(({ stdout }) => stdout)).toEqual(users.map(() => '65534'));
  });

  it('has both outputs in the order of writing as `all`', async () => {
    const script = 'for i in 1 2 3; do echo out$i; echo err$i >&2; done';
    const { all, stdout, stderr } = await run(local(), sh(script), { all: true });
    expect(all).toBe('out1\nerr1\nout2\nerr2\nout3\nerr3');
    expect([stdout, stderr]).toEqual(['', '']);
  });

  it('has bytes if they are asked for', async () => {
    const { stdout } = await run(local(), ['printf', '\\377\\n'], { encoding: 'bytes' });
    expect([...stdout]).toEqual([255, 10]);
  });

  it('has all of a large output, which nothing reads meanwhile', async () => {
    const { stdout } = await run(local(), ['head', '-c', '5000000', '/dev/zero'], { encoding: 'bytes' });
    expect(stdout).toHaveLength(5_000_000);
  });

  it('keeps what goes elsewhere out of the result', async () => {
    const chunks: string[] = [];
    const sink = { write: async (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes).toString()) };
    const { stdout, stderr } = await run(local(), sh('echo out; echo err >&2'), { stdio: { stdout: sink } });
    expect([stdout, stderr, chunks.join('')]).toEqual(['', 'err', 'out\n']);
  });
});

describe('a run that fails', () => {
  it('says which command, how it ended, and what it wrote last', async () => {
    const error = await failure(run(local(), sh('echo "cannot do it" >&2; exit 3')));
    expect(error.message).toBe(
      'run sh -c \'echo "cannot do it" >&2; exit 3\': exited with status 3\n\ncannot do it',
    );
    expect(error.stack).toContain('cannot do it');
    expect(error).toMatchObject({ name: 'RunError', exitStatus: 3, kind: 'unknown' });
    expect(error.result).toMatchObject({ status: 3, stderr: 'cannot do it', failed: true });
  });

  it('says what cannot be run', async () => {
    const error = await failure(run(local(), ['no-such-command', 'x']));
    expect(error.message).toBe(
      'run no-such-command x: exec: "no-such-command": executable file not found in $PATH: not found',
    );
    expect(error).toMatchObject({ kind: 'notFound', exitStatus: 127, result: { status: 127, pid: 0 } });
  });

  it('is a result like any other if it is not to be an error', async () => {
    const results = await Promise.all([
      run(local(), ['false'], { reject: false }),
      run(local(), ['no-such-command'], { reject: false }),
    ]);
    expect(results.map(({ status, failed }) => ({ status, failed }))).toEqual([
      { status: 1, failed: true },
      { status: 127, failed: true },
    ]);
  });

  it('never shows the environment', async () => {
    const env = { TOKEN: 'hunter2' };
    const failed = await failure(run(local(), ['false'], { env }));
    const refused = await Promise.resolve()
      .then(() => run(local(), ['true'], { env: { TOKEN: ['hunter2'] as never } }))
      .then(String, (error: Error) => error);
    const shown = [failed, refused].map((error) => `${error} ${JSON.stringify(error)}`).join();
    expect(shown).toContain('env.TOKEN: expected a text');
    expect(shown).not.toMatch(/hunter2/);
  });

  it('is stopped after its time with all that it has started', async () => {
    const script = 'trap "" TERM; sleep 300 & echo $!; wait; sleep 300';
    const error = await failure(run(local(), sh(script), { timeout: 2_000, stop: { grace: 100 } }));
    expect(error.result.stopped).toEqual({ reason: 'timeout', by: 'kill' });
    expect(error.message).toContain('timed out after 2000 ms: ended by SIGKILL after its grace');
    expect(() => process.kill(Number(error.result.stdout), 0)).toThrow('ESRCH');
  });

  it('is stopped by an abort, whose reason is the cause', async () => {
    const abort = new AbortController();
    const running = run(local(), ['sleep', '300'], { abortSignal: abort.signal }).pipe(
      tap(({ kind }) => kind === 'started' && abort.abort(new Error('not needed any more'))),
    );
    const error = await failure(lastValueFrom(running));
    expect(error.message).toBe('run sleep 300: aborted: ended by SIGTERM');
    expect(error.cause).toMatchObject({ message: 'not needed any more' });
  });

  it('is not started where it was aborted before', async () => {
    const { result, message } = await failure(
      run(local(), ['touch', '/x'], { abortSignal: AbortSignal.abort() }),
    );
    expect(result).toMatchObject({ pid: 0, exit: { kind: 'discarded' }, stopped: { reason: 'aborted' } });
    expect(message).toBe('run touch /x: aborted: it was never started');
  });

  it('is stopped when it writes more than is to be kept', async () => {
    const { result, message } = await failure(run(local(), ['yes'], { maxOutput: 10_000 }));
    expect(result.stdout.length).toBeLessThanOrEqual(10_000);
    expect(result).toMatchObject({ truncated: true, stopped: { reason: 'maxOutput' } });
    expect(message).toMatch(/^run yes: wrote more than maxOutput: ended by SIGTERM/);
  });

  it('says which of its input failed', async () => {
    const input = (async function* () {
      yield 'a';
      throw new Error('the disk is full');
    })();
    const { message, result } = await failure(run(local(), ['cat'], { input }));
    expect(message).toContain('stdin: the source failed: the disk is full');
    expect(result).toMatchObject({ status: 0, failed: true, stdout: 'a' });
  });
});

describe('a run that is subscribed to', () => {
  it('emits what happens, in order', async () => {
    const events = await firstValueFrom(run(local(), sh('echo hello')).pipe(toArray()));
    const kinds = events.map(({ kind }) => kind);
    expect([kinds[0], kinds.at(-1)]).toEqual(['started', 'result']);
    // An exit is known at once; what was written before may still be on its way.
    expect(kinds.slice(1, -1).sort()).toEqual(['exited', 'output']);
    expect(events.at(-1)).toMatchObject({ kind: 'result', stdout: 'hello' });
  });

  it('is a process for each subscription', async () => {
    const running = run(local(), sh('echo $$'));
    const [one, two] = await Promise.all([lastValueFrom(running), lastValueFrom(running)]);
    expect(one).not.toEqual(two);
  });

  it('keeps no output if it is not to', async () => {
    const events = await firstValueFrom(
      run(local(), ['head', '-c', '100000', '/dev/zero'], { keepOutput: false, maxOutput: 10 }).pipe(
        toArray(),
      ),
    );
    const bytes = events.reduce((sum, event) => sum + (event.kind === 'output' ? event.bytes.length : 0), 0);
    expect(bytes).toBe(100_000);
    expect(events.at(-1)).toMatchObject({ kind: 'result', stdout: '', truncated: false });
  });

  it('does nothing before', () => {
    run(local(), ['touch', '/rxshim-was-here']);
    expect(() => process.kill(0, 0)).not.toThrow();
  });
});
