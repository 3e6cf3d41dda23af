/** What a brain writes down for the next one, whenever it is killed: docs/keeper.md. */
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { memoryFile } from '../../../src/hcs/native/descriptor/memory-file.js';
import { duplicate } from '../../../src/hcs/native/index.js';
import { recordLog } from '../../../src/shim/brain/record-log.js';

/** What a keeper holds. */
const keeper = () => {
  const held = new Map<string, number>();
  const release = (name: string): void => {
    const fd = held.get(name);
    held.delete(name);
    if (fd !== undefined) closeSync(fd);
  };
  return {
    names: () => [...held.keys()],
    keep: (name: string, fd: number) => void held.set(name, duplicate(fd)),
    take: (name: string) => {
      const fd = held.get(name);
      return fd === undefined ? undefined : duplicate(fd);
    },
    release,
    bytes: (): Buffer => readFileSync(`/proc/self/fd/${[...held.values()][0]}`),
    /** Another one, whose brain was killed when so much had been written. */
    cut: (length: number) => {
      const other = keeper();
      const fd = memoryFile('cut');
      writeSync(fd, readFileSync(`/proc/self/fd/${[...held.values()][0]}`).subarray(0, length));
      other.keep('records/1', fd);
      closeSync(fd);
      return other;
    },
  };
};

const contents = (kept: ReturnType<typeof keeper>): Record<string, unknown> => {
  const log = recordLog(kept, kept.names());
  return Object.fromEntries(log.keys('').map((key) => [key, log.get(key)]));
};

describe('the records of a brain', () => {
  it('are what they were after some whole entry, wherever the writing was cut off, and can be written on', () => {
    const kept = keeper();
    const log = recordLog(kept, []);
    const states: Record<string, unknown>[] = [{}];
    const lengths = [kept.bytes().length];
    const step = (change: () => void): void => {
      change();
      states.push(Object.fromEntries(log.keys('').map((key) => [key, log.get(key)])));
      lengths.push(kept.bytes().length);
    };
    step(() => log.set('a', { phase: 'up', text: 'ü"\n' }));
    step(() => log.set('b', [1, 2]));
    step(() => log.set('a', { phase: 'closed' }));
    step(() => log.delete('b'));
    step(() => log.set('b', 'again'));
    const whole = lengths.at(-1) as number;
    for (let length = lengths[0] as number; length <= whole; length += 1) {
      const cut = kept.cut(length);
      const last = lengths.filter((each) => each <= length).length - 1;
      expect(contents(cut)).toEqual(states[last]);
      recordLog(cut, cut.names()).set('later', length);
      expect(contents(cut)).toEqual({ ...states[last], later: length });
      cut.names().forEach(cut.release);
    }
    kept.names().forEach(kept.release);
  });

  it('are written anew when most of the file holds no longer, and nothing else is held then', () => {
    const kept = keeper();
    const log = recordLog(kept, []);
    log.set('kept', true);
    for (let round = 0; round < 40; round += 1) log.set('grown', 'x'.repeat(100_000 + round));
    expect(kept.names()).toHaveLength(1);
    expect(kept.bytes().length).toBeLessThan(1_300_000);
    expect(contents(kept)).toEqual({ kept: true, grown: 'x'.repeat(100_039) });
    kept.names().forEach(kept.release);
  });

  it('of another version are not read', () => {
    const kept = keeper();
    const fd = memoryFile('other');
    const entry = Buffer.from(JSON.stringify(['version', 99]));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(entry.length);
    writeSync(fd, Buffer.concat([head, entry]));
    kept.keep('records/1', fd);
    closeSync(fd);
    expect(() => recordLog(kept, kept.names())).toThrow('the records have version 99, not 2');
    kept.names().forEach(kept.release);
  });
});
