/** What these specs need of the machine, and how they look at it. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { ByteSource } from '../../../src/hcs/contract/bytes.js';
import { descriptorSource, openPipe } from '../../../src/hcs/native/index.js';

export const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

/** A directory for the specs of one file. */
export const temporaryDirectory = (): ((name: string) => string) => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'rxshim-native-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  return (name) => join(directory, name);
};

export const makeFifo = (path: string): string => {
  execFileSync('mkfifo', [path]);
  return path;
};

/** The descriptors that this process holds, by what they stand for. */
export const census = (): string[] =>
  readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
      } catch {
        // The one that was open to read the directory.
        return '';
      }
    })
    .filter((line) => line !== '');

/** What is open now and was not before. Not the reverse: an earlier spec of the same worker may still be closing its own. */
export const openedSince = (before: readonly string[]): string[] =>
  census().filter((each) => !before.includes(each));

/** The epoll instance that all waits share is opened by the first wait and stays. */
export const warmUp = async (): Promise<void> => {
  const { read, write } = openPipe();
  const all = collect(descriptorSource(read));
  closeSync(write);
  await all;
};

export const collect = async (source: ByteSource): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

export const pulls = (source: ByteSource): (() => Promise<IteratorResult<Uint8Array>>) => {
  const iterator = source[Symbol.asyncIterator]();
  return () => iterator.next();
};

/** A turn of the event loop, or several: enough for anything that is ready to be noticed. */
export const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Whether a promise has settled after some turns of the event loop. */
export const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  let pending = true;
  const settled = () => {
    pending = false;
  };
  promise.then(settled, settled);
  await turns();
  return pending;
};
