import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { descriptorSource, duplicate, openPipe } from '../../../../src/hcs/native/index.js';
import {
  census,
  collect,
  describeOnLinux,
  isPending,
  openedSince,
  pulls,
  temporaryDirectory,
  turns,
  warmUp,
} from '../on-linux.js';

const END = { done: true, value: undefined };

const isBlocking = (fd: number): boolean =>
  (Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!, 8) &
    0o4000) ===
  0;

const threads = (): number => readdirSync('/proc/self/task').length;

describeOnLinux('a source on a descriptor', () => {
  const at = temporaryDirectory();

  it('gives what is in the pipe and ends when the last writer is gone', async () => {
    const { read, write } = openPipe();
    const next = pulls(descriptorSource(read));
    writeSync(write, 'hello');
    expect(Buffer.from((await next()).value!).toString()).toBe('hello');
    const last = next();
    closeSync(write);
    expect(await last).toEqual(END);
    expect(await next()).toEqual(END);
  });

  it('reads nothing before the first pull, nor between two', async () => {
    const { read, write } = openPipe();
    const observer = duplicate(read);
    const next = pulls(descriptorSource(read));
    const inPipe = async () => {
      await turns();
      const seen = pulls(descriptorSource(duplicate(observer)));
      return Buffer.from((await seen()).value!).toString();
    };
    writeSync(write, 'first');
    expect(await inPipe()).toBe('first');
    writeSync(write, 'second');
    await next();
    writeSync(write, 'third');
    expect(await inPipe()).toBe('third');
    for (const fd of [write, observer]) closeSync(fd);
    expect(await next()).toEqual(END);
  });

  it('ends a pending pull when it is closed, and closes the descriptor once', async () => {
    await warmUp();
    const before = census();
    const { read, write } = openPipe();
    const source = descriptorSource(read);
    const pull = pulls(source)();
    expect(await isPending(pull)).toBe(true);
    source.close();
    const reused = openSync('/dev/null', 'r');
    source.close();
    expect(await pull).toEqual(END);
    closeSync(reused);
    closeSync(write);
    expect(openedSince(before)).toEqual([]);
  });

  it('closes the descriptor also when it was never asked for anything', () => {
    const { read, write } = openPipe();
    descriptorSource(read).close();
    expect(() => writeSync(write, 'x')).toThrow(expect.objectContaining({ code: 'EPIPE' }));
    closeSync(write);
  });

  it('closes the descriptor when the loop is left', async () => {
    const { read, write } = openPipe();
    writeSync(write, 'x');
    for await (const _ of descriptorSource(read)) break;
    expect(() => writeSync(write, 'x')).toThrow(expect.objectContaining({ code: 'EPIPE' }));
    closeSync(write);
  });

  it('keeps the last chunk intact when it is closed while others read', async () => {
    const [one, other] = [openPipe(), openPipe()];
    const source = descriptorSource(one.read);
    writeSync(one.write, 'mine');
    const { value } = await pulls(source)();
    source.close();
    writeSync(other.write, 'theirs');
    closeSync(other.write);
    expect((await collect(descriptorSource(other.read))).toString()).toBe('theirs');
    expect(Buffer.from(value!).toString()).toBe('mine');
    closeSync(one.write);
  });

  it('leaves a descriptor that others share as blocking as it was', async () => {
    const { read, write } = openPipe();
    const shared = duplicate(read);
    writeSync(write, 'x');
    const source = descriptorSource(read);
    await pulls(source)();
    expect(isBlocking(shared)).toBe(true);
    source.close();
    for (const fd of [write, shared]) closeSync(fd);
  });

  it('delivers 64 MiB unchanged, to a reader that takes its time', async () => {
    const { read, write } = openPipe();
    const child = spawn('sh', ['-c', 'head -c 67108864 /dev/urandom | tee /dev/fd/3 | sha256sum'], {
      stdio: ['ignore', 'pipe', 'inherit', write],
    });
    closeSync(write);
    const digest = (async () => {
      let text = '';
      for await (const chunk of child.stdout!) text += chunk;
      return text.slice(0, 64);
    })();
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of descriptorSource(read)) {
      await turns(1);
      hash.update(chunk);
      bytes += chunk.length;
    }
    expect(bytes).toBe(64 * 1024 * 1024);
    expect(hash.digest('hex')).toBe(await digest);
  });

  it('reads a file to its end', async () => {
    const content = Buffer.alloc(1_000_000, 'rxshim ');
    writeFileSync(at('file'), content);
    expect((await collect(descriptorSource(openSync(at('file'), 'r')))).equals(content)).toBe(true);
  });

  it('reads a device that cannot be waited for', async () => {
    expect(await collect(descriptorSource(openSync('/dev/null', 'r')))).toHaveLength(0);
    const source = descriptorSource(openSync('/dev/zero', 'r'));
    const { value } = await pulls(source)();
    expect(value!.every((byte: number) => byte === 0)).toBe(true);
    source.close();
  });

  it('reads a socket without switching it to non-blocking', async () => {
    const server = createServer((peer) => void peer.end('over the wire')).listen(at('socket'));
    await once(server, 'listening');
    const client = connect(at('socket'));
    await once(client, 'connect');
    const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
    const mine = duplicate(fd);
    client.pause();
    expect((await collect(descriptorSource(mine))).toString()).toBe('over the wire');
    client.destroy();
    server.close();
  });

  it('fails when the descriptor cannot be read, and is then at its end', async () => {
    const { read, write } = openPipe();
    const next = pulls(descriptorSource(write));
    await expect(next()).rejects.toMatchObject({ code: 'EBADF' });
    expect(await next()).toEqual(END);
    closeSync(read);
    await expect(collect(descriptorSource(openSync('/', 'r')))).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('refuses a second pull while the first is pending, which still gets its answer', async () => {
    const { read, write } = openPipe();
    const next = pulls(descriptorSource(read));
    const first = next();
    await expect(next()).rejects.toThrow('one pull at a time');
    closeSync(write);
    expect(await first).toEqual(END);
  });

  it('waits 500 times at once without a thread, and with little memory', async () => {
    await warmUp();
    const [threadsBefore, before] = [threads(), process.memoryUsage()];
    const pipes = Array.from({ length: 500 }, () => openPipe());
    const waiting = pipes.map(({ read }) => pulls(descriptorSource(read))());
    await turns();
    const after = process.memoryUsage();
    expect(threads()).toBe(threadsBefore);
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(
      2_000_000,
    );
    for (const { write } of pipes) closeSync(write);
    expect(await Promise.all(waiting)).toEqual(pipes.map(() => END));
  });

  it('lets the event loop run while one writer never stops', async () => {
    const source = descriptorSource(openSync('/dev/zero', 'r'));
    let turned = 0;
    const counting = (): void => {
      turned++;
      if (turned < 5) setImmediate(counting);
    };
    setImmediate(counting);
    for await (const _ of source) if (turned === 5) break;
    expect(turned).toBe(5);
  });
});
