import { constants, openSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { EMPTY, firstValueFrom } from 'rxjs';
import { descriptorSink } from '../../../../src/hcs/native/index.js';
import { createExec } from '../../../../src/streams/exec/exec.js';
import type { Exec } from '../../../../src/streams/exec/interface.js';
import { lines } from '../../../../src/streams/stdio/lines.js';
import type { UpstreamRequest } from '../../../../src/streams/stdio/upstream/index.js';
import { create, inSystem, shell } from '../../../hcs/local/on-this-host.js';
import { collect, describeOnLinux, isPending, makeFifo } from '../../../hcs/native/on-linux.js';
import { all, appears, directory, open, pull, reader, script, write } from './on-upstream.js';

describeOnLinux('a real process', () => {
  const at = directory();

  /** Starts a shell in a system of its own and gives the exec to the test. */
  const run = (text: string, request: UpstreamRequest, test: (exec: Exec) => Promise<void>): Promise<void> =>
    inSystem(async (system) => {
      // The first process is the init, which these are not.
      await create(system, { args: ['sleep', '1000'] });
      const exec = createExec({
        taskId: 't',
        id: 'e',
        bundle: '/',
        system,
        publish: () => EMPTY,
        spec: shell(text, { terminal: request.terminal ?? false }),
        upstream: await open(request),
        policies: { drain: { cap: 100 } },
      });
      await exec.start();
      await test(exec);
      await exec.wait();
    });

  it('reads and writes named pipes, and its input ends when it is closed and the client gone', () => {
    const request = { stdin: makeFifo(at('in')), stdout: makeFifo(at('out')), stderr: makeFifo(at('err')) };
    return run('cat; echo err >&2', request, async (exec) => {
      const [out, err] = [collect(reader(at('out'))), collect(reader(at('err')))];
      const client = descriptorSink(openSync(at('in'), constants.O_WRONLY | constants.O_NONBLOCK));
      await write(client, 'typed');
      client.close();
      expect(await isPending(firstValueFrom(exec.exit$))).toBe(true);
      await exec.closeIo();
      expect([String(await out), String(await err)]).toEqual(['typed', 'err\n']);
    });
  });

  it('goes on writing when the reader of its named pipe has left, and is read by the next one', () =>
    run(
      'echo one; read _; echo two; read _',
      { stdin: 'pipe', stdout: makeFifo(at('left')) },
      async (exec) => {
        const first = reader(at('left'));
        expect(await pull(first)).toBe('one\n');
        first.close();
        await write(exec.stdin, 'go\n');
        const second = reader(at('left'));
        expect(await pull(second)).toBe('two\n');
        second.close();
        exec.stdin?.end();
      },
    ));

  it('gets descriptors that block, as programs expect', () =>
    run(
      'grep flags: /proc/self/fdinfo/[01]; cat',
      { stdin: makeFifo(at('blocking in')), stdout: makeFifo(at('blocking out')) },
      async (exec) => {
        const out = collect(reader(at('blocking out')));
        await exec.closeIo();
        const flags = [...String(await out).matchAll(/flags:\s*(\d+)/g)].map(([, octal]) =>
          Number.parseInt(octal!, 8),
        );
        expect(flags).toHaveLength(2);
        for (const each of flags) expect(each & constants.O_NONBLOCK).toBe(0);
      },
    ));

  it('appends stdout and stderr to one file', async () => {
    for (const text of ['echo one; echo two >&2', 'echo three'])
      await run(text, { stdout: `file://${at('made/log')}` }, async () => undefined);
    expect(readFileSync(at('made/log'), 'utf8')).toBe('one\ntwo\nthree\n');
  });

  it('is logged to its last byte', async () => {
    const logger = script(at('logger'), 'exec 5>&-; cat <&3 >$0.out & cat <&4 >$0.err & wait');
    const text = 'head -c 3000000 /dev/zero; echo err >&2';
    await run(text, { stdout: `binary://${logger}` }, async () => undefined);
    expect(readFileSync(at('logger.out'))).toHaveLength(3_000_000);
    expect(readFileSync(at('logger.err'), 'utf8')).toBe('err\n');
  });

  it('outlives a logging program that dies', async () => {
    const logger = script(at('mortal'), 'exec 5>&-; read <&3');
    const text = `echo first; head -c 3000000 /dev/zero; echo through >${at('mortal.txt')}`;
    await run(text, { stdout: `binary://${logger}` }, async () => undefined);
    expect(readFileSync(at('mortal.txt'), 'utf8')).toBe('through\n');
  });

  it('with a terminal is logged too', async () => {
    const logger = script(at('tty'), 'exec 5>&-; cat <&3 >$0.out');
    await run(
      'test -t 1 && echo tty',
      { stdout: `binary://${logger}`, terminal: true },
      async () => undefined,
    );
    expect(readFileSync(at('tty.out'), 'utf8')).toBe('tty\r\n');
  });

  it('is read line by line, and the reader hears of the cut though a grandchild holds the output', () =>
    run('sleep 1000 & echo hi; exit 3', { stdout: 'pipe' }, async (exec) => {
      const read: string[] = [];
      const reading = (async () => {
        for await (const line of lines(exec.stdout!)) read.push(line);
      })();
      await expect(reading).rejects.toMatchObject({ kind: 'truncated' });
      expect(read).toEqual(['hi']);
      expect(await exec.wait()).toMatchObject({ status: 3, truncated: true });
    }));

  it('completes without a reader, and its last output is there afterwards', () =>
    run('echo kept', { stdout: 'pipe', stderr: 'pipe' }, async (exec) => {
      expect(await exec.wait()).toMatchObject({ status: 0, truncated: false });
      expect(await all(exec.stdout)).toBe('kept\n');
      expect(await all(exec.stderr)).toBe('');
    }));

  it('goes on when its reader has heard enough', () =>
    run(
      `echo first; head -c 3000000 /dev/zero; echo through >${at('enough')}; exit 4`,
      { stdout: 'pipe' },
      async (exec) => {
        for await (const line of lines(exec.stdout!)) {
          expect(line).toBe('first');
          break;
        }
        expect(await exec.wait()).toMatchObject({ status: 4, truncated: false });
        expect(readFileSync(at('enough'), 'utf8')).toBe('through\n');
      },
    ));

  it('gets its input from whatever can be iterated, and its end', () => {
    async function* words() {
      yield 'one ';
      yield Buffer.from('two');
    }
    return run('cat', { stdin: words(), stdout: 'pipe' }, async (exec) => {
      expect(await all(exec.stdout)).toBe('one two');
    });
  });

  it('that ends before its input does leaves the writer an error, and nothing hanging', () =>
    run('read line; exec <&-; exit 0', { stdin: 'pipe' }, async (exec) => {
      await write(exec.stdin, 'line\n');
      await exec.wait();
      await expect(write(exec.stdin, 'late')).rejects.toMatchObject({ kind: 'failedPrecondition' });
      await appears(() => exec.state === 'exited');
    }));
});
