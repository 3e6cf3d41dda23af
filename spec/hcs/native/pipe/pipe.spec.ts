import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { descriptorSource, duplicate, openPipe, setPipeSize } from '../../../../src/hcs/native/index.js';
import { collect, describeOnLinux } from '../on-linux.js';

const closeOnExec = (fd: number): boolean =>
  (Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!, 8) &
    0o2000000) !==
  0;

describeOnLinux('a pipe', () => {
  it('is one of the kernel, whose ends no child inherits unasked', () => {
    const { read, write } = openPipe();
    expect([read, write].map((fd) => fstatSync(fd).isFIFO())).toEqual([true, true]);
    expect([read, write, duplicate(read)].map(closeOnExec)).toEqual([true, true, true]);
    for (const fd of [read, write]) closeSync(fd);
  });

  it('can be opened again as /dev/stdout by the process that writes to it', async () => {
    const { read, write } = openPipe();
    const child = spawn('sh', ['-c', 'echo one; echo two > /dev/stdout'], {
      stdio: ['ignore', write, 'ignore'],
    });
    closeSync(write);
    expect((await collect(descriptorSource(read))).toString()).toBe('one\ntwo\n');
    if (child.exitCode === null) await once(child, 'exit');
  });

  it('takes a size, and says when it is refused', () => {
    const { read, write } = openPipe();
    expect(setPipeSize(write, 256 * 1024)).toBe(true);
    expect(setPipeSize(write, -1)).toBe(false);
    for (const fd of [read, write]) closeSync(fd);
    expect(setPipeSize(write, 4096)).toBe(false);
  });

  it('fails to be duplicated when it is closed, with an error like those of node:fs', () => {
    expect(() => duplicate(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'fcntl' }));
  });
});
