/** The contract test kit runs over it in `spec/docs/engines.spec.ts`; here stands what the kit cannot ask of every engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, lastValueFrom, NEVER, toArray } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { processFromStreams } from '../../../src/hcs/contract/process-from-streams.js';

const done = (act: ReturnType<ComputeProcess['close']>) => lastValueFrom(act.pipe(toArray()));

const started = (
  ...argv: readonly [string, ...string[]]
): { child: ChildProcess; process: ComputeProcess } => {
  const child = spawn(argv[0], argv.slice(1));
  const { pid = 0, stdin, stdout, stderr } = child;
  const signal = (number: number): boolean => child.kill(number);
  return { child, process: processFromStreams({ pid, exit$: NEVER, stdin, stdout, stderr, signal }) };
};

describe('a process of streams', () => {
  it('keeps its output for a reader that comes after the exit', async () => {
    const { child, process } = started('sh', '-c', 'echo out; echo err >&2');
    await once(child, 'exit');
    const { stdout = Readable.from([]), stderr = Readable.from([]) } = process.stdio;
    expect(String(await buffer(stdout))).toBe('out\n');
    expect(String(await buffer(stderr))).toBe('err\n');
  });

  it('answers whether a signal was delivered', async () => {
    const { child, process } = started('sleep', '60');
    expect(await lastValueFrom(process.kill())).toBe('delivered');
    await once(child, 'exit');
    expect(await lastValueFrom(process.signal({ Signal: 15 }))).toBe('notDelivered');
  });

  it('does nothing before it is subscribed to', () => {
    const sent: number[] = [];
    const process = processFromStreams({ pid: 1, exit$: EMPTY, signal: (number) => sent.push(number) > 0 });
    const kill$ = process.kill();
    expect(sent).toEqual([]);
    kill$.subscribe();
    kill$.subscribe();
    expect(sent).toEqual([9, 9]);
  });

  it('reports an error of the engine that could not send', async () => {
    const signal = () => Promise.reject(new Error('no connection'));
    const process = processFromStreams({ pid: 1, exit$: EMPTY, signal });
    await expect(lastValueFrom(process.kill())).rejects.toThrow('no connection');
  });

  it('rejects a write that the process cannot take any more', async () => {
    const { child, process } = started('true');
    await once(child, 'close');
    await expect(process.stdio.stdin?.write(Buffer.from('late'))).rejects.toThrow();
  });

  it('ends its output when that is closed, and fails it when reading fails', async () => {
    const [closed, failing] = [new PassThrough(), new PassThrough()];
    const process = processFromStreams({
      pid: 1,
      exit$: EMPTY,
      stdout: closed,
      stderr: failing,
      signal: () => true,
    });
    const { stdout = Readable.from([]), stderr = Readable.from([]) } = process.stdio;
    const output = Promise.all([buffer(stdout), buffer(stderr).catch(String)]);
    await done(process.closeStdout());
    failing.destroy(new Error('connection lost'));
    expect(await output).toEqual([Buffer.alloc(0), 'Error: connection lost']);
    expect(closed.destroyed).toBe(true);
  });

  it('has no pipes that were not given, and closes the others', async () => {
    const stdin = new PassThrough();
    const process = processFromStreams({ pid: 1, exit$: EMPTY, stdin, stdout: null, signal: () => true });
    expect(Object.keys(process.stdio)).toEqual(['stdin']);
    for (const act of [process.closeStdout(), process.closeStderr(), process.close()]) await done(act);
    expect(stdin.destroyed).toBe(true);
  });
});
