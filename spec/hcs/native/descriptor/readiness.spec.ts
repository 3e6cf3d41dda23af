import { closeSync, writeSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { forget, whenReady } from '../../../../src/hcs/native/descriptor/readiness.js';
import { openPipe } from '../../../../src/hcs/native/pipe/pipe.js';
import { describeOnLinux } from '../on-linux.js';

describeOnLinux('a descriptor that is waited for', () => {
  afterEach(() => void jest.restoreAllMocks());

  test('is called back although the callback of another, ready in the same tick, throws', async () => {
    const thrown: string[] = [];
    jest.spyOn(process, 'nextTick').mockImplementation((throwing, error) => {
      expect(() => throwing(error)).toThrow(error as Error);
      thrown.push((error as Error).message);
    });
    const pipes = [0, 1, 2].map(openPipe);
    const called: number[] = [];
    for (const [index, { read, write }] of pipes.entries()) {
      writeSync(write, 'x');
      whenReady(read, 'read', () => {
        called.push(index);
        throw new Error(`of ${index}`);
      });
    }
    while (called.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(thrown).toEqual(called.map((index) => `of ${index}`));
    for (const { read, write } of pipes) {
      forget(read);
      for (const fd of [read, write]) closeSync(fd);
    }
  });
});
