/** What these specs say about upstreams without saying how. */
import { constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import type { ByteSink, ByteSource } from '../../../../src/hcs/contract/bytes.js';
import { type DescriptorSource, descriptorSource } from '../../../../src/hcs/native/index.js';
import {
  openUpstream,
  type UpstreamOptions,
  type UpstreamRequest,
} from '../../../../src/streams/stdio/upstream/index.js';
import type { UpstreamIo } from '../../../../src/streams/stdio/upstream.js';
import { census, openedSince, turns, warmUp } from '../../../hcs/native/on-linux.js';

export const identity = { containerId: 'c1', namespace: 'k8s.io' };

export const open = (request: UpstreamRequest, options?: UpstreamOptions): Promise<UpstreamIo> =>
  firstValueFrom(openUpstream(request, identity, options));

export const done = (act: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(act, { defaultValue: undefined });

/** Gives an open upstream to the test and closes it afterwards. */
export const withUpstream = async <T>(
  request: UpstreamRequest,
  test: (upstream: UpstreamIo) => Promise<T>,
  options?: UpstreamOptions,
): Promise<T> => {
  const upstream = await open(request, options);
  try {
    return await test(upstream);
  } finally {
    await done(upstream.close());
  }
};

export const failureOf = async (request: unknown, options?: UpstreamOptions): Promise<unknown> => {
  try {
    const upstream = await open(request as UpstreamRequest, options);
    await done(upstream.close());
  } catch (error) {
    return error;
  }
  throw new Error('it was opened');
};

/** A directory for the specs of one file. */
export const directory = (): ((name: string) => string) => {
  let path = '';
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), 'rxshim-upstream-'));
  });
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return (name) => join(path, name);
};

export const reader = (path: string): DescriptorSource =>
  descriptorSource(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));

export const write = (sink: ByteSink | undefined, text: string): Promise<void> =>
  sink!.write(Buffer.from(text));

/** Takes one chunk. */
export const pull = async (source: ByteSource | undefined): Promise<string | undefined> => {
  const { done: ended, value } = await source![Symbol.asyncIterator]().next();
  return ended === true ? undefined : Buffer.from(value).toString();
};

/** Takes chunks of one source, one at each call. */
export const pulling = (source: ByteSource | undefined): (() => Promise<string | undefined>) => {
  const iterator = source![Symbol.asyncIterator]();
  return async () => {
    const { done: ended, value } = await iterator.next();
    return ended === true ? undefined : Buffer.from(value).toString();
  };
};

export const all = async (source: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of source!) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

/** The flags of an open descriptor of this process. */
export const flagsOf = (fd: number): number =>
  Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!, 8);

/** An executable; returns its path. */
export const script = (path: string, text: string, mode = 0o755): string => {
  writeFileSync(path, `#!/bin/bash\n${text}\n`, { mode });
  return path;
};

export const appears = async <T>(look: () => T | undefined | false): Promise<T> => {
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** No descriptor stays behind; one that a thread is writing to is closed when that is done. */
export const leavesNothing = async (work: () => Promise<void>): Promise<void> => {
  await warmUp();
  const before = census();
  await work();
  for (let count = 0; count < 100 && census().length > before.length; count++) await turns();
  expect(openedSince(before)).toEqual([]);
};
