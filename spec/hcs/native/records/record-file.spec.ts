/** Records that were truncated, garbled or replaced at any byte: none is ever taken for another. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { readRecord, writeRecord } from '../../../../src/hcs/native/records/record-file.js';
import { runcRegistry } from '../../../../src/hcs/runc/index.js';
import { taskRecords } from '../../../../src/hcs/runc/records/task-records.js';

const directory = mkdtempSync(join(tmpdir(), 'spec-records-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const anything = (_: unknown): _ is object => true;
const record = {
  id: 'web',
  labels: { 'io.rxshim.owner': 'ci' },
  createdAt: 1_700_000_000_000,
  text: 'grüß\n',
};

describe('a record', () => {
  const path = join(directory, 'one');

  it('is read as it was written, and the first of two writers wins', () => {
    expect(writeRecord(path, record)).toBe(true);
    expect(writeRecord(path, { another: 1 })).toBe(false);
    expect(readRecord(path, anything)).toEqual({ kind: 'read', record });
    expect(readdirSync(directory)).toEqual(['one']);
  });

  it('that was truncated at any byte, or has any byte changed, is unreadable', () => {
    const whole = readFileSync(path);
    const damaged = join(directory, 'damaged');
    const readAs = (bytes: Uint8Array) => {
      writeFileSync(damaged, bytes);
      return readRecord(damaged, anything).kind;
    };
    for (let length = 0; length < whole.length; length += 1)
      expect([length, readAs(whole.subarray(0, length))]).toEqual([length, 'unreadable']);
    for (let at = 0; at < whole.length; at += 1) {
      for (const change of [1, 0x20, 0x80]) {
        const garbled = Buffer.from(whole);
        garbled[at] = (garbled[at] as number) ^ change;
        const kind = readAs(garbled);
        // A blank within the head means nothing in JSON. It may not change what is read.
        if (kind === 'read') expect(readRecord(damaged, anything)).toEqual({ kind: 'read', record });
      }
    }
    expect(readAs(Buffer.concat([whole, whole]))).toBe('unreadable');
    rmSync(damaged);
  });

  it('of a later version is unreadable, and says so', () => {
    const later = join(directory, 'later');
    writeFileSync(later, readFileSync(path, 'utf8').replace('"version":1', '"version":2'));
    expect(readRecord(later, anything)).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringMatching(/version 2/),
    });
    rmSync(later);
  });
});

describe('the registry', () => {
  it('lists a container whose record is damaged as lost, with the reason, and removes it', async () => {
    const place = join(directory, 'registry');
    const { create } = taskRecords(place, 'web');
    const task = { id: 'web', bundle: '/none', binary: '/none/runc', labels: {}, createdAt: 1 };
    create(task, { terminal: false });
    expect(() => create(task, { terminal: false })).toThrow('already exists');
    writeFileSync(join(place, 'web', 'task'), 'damaged');
    const registry = runcRegistry({ directory: place, binary: 'true' });
    expect(await firstValueFrom(registry.list())).toEqual([
      { id: 'web', state: 'lost', labels: {}, reason: expect.stringMatching(/damaged/) },
    ]);
    await new Promise<void>((resolve, reject) =>
      registry.remove('web').subscribe({ error: reject, complete: () => resolve() }),
    );
    expect(readdirSync(place)).toEqual([]);
  });
});
