import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { handOver } from '../../../../src/hcs/native/descriptor/handover.js';
import { openFifo } from '../../../../src/hcs/native/index.js';
import { describeOnLinux, makeFifo, temporaryDirectory } from '../on-linux.js';

const { O_APPEND, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

const flagsOf = (fd: number): number =>
  Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '', 8);
const relevant = O_NONBLOCK | O_APPEND | 3;

describeOnLinux('a descriptor handed to a process', () => {
  const path = temporaryDirectory();

  it('of a named pipe held by both ends is the one end that the process needs, and blocks', () => {
    const fifo = makeFifo(path('both'));
    const held = openFifo(fifo, 'write');
    expect(flagsOf(held) & relevant).toBe(O_RDWR | O_NONBLOCK);
    for (const [direction, expected] of [
      ['read', O_RDONLY],
      ['write', O_WRONLY],
    ] as const) {
      const { fd, release } = handOver('fd', held, direction);
      expect(fd).not.toBe(held);
      expect(flagsOf(fd) & relevant).toBe(expected);
      release();
    }
    expect(flagsOf(held) & relevant).toBe(O_RDWR | O_NONBLOCK);
    closeSync(held);
  });

  it('of a file is the very one, whose position is shared', () => {
    const file = openSync(path('file'), 'a+');
    expect(handOver('fd', file, 'write').fd).toBe(file);
    closeSync(file);
  });

  it('that is none is refused by its name', () => {
    expect(() => handOver('descriptors.stdin', 999, 'read')).toThrow(
      expect.objectContaining({ kind: 'invalidArgument', field: 'descriptors.stdin' }),
    );
  });
});
