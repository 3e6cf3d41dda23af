import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mount, unmountAll } from '../../../../src/hcs/native/mount/mount.js';
import { openScratch } from '../../../../src/hcs/runc/command/scratch.js';
import { removeLeftovers, scratchName } from '../../../../src/hcs/runc/command/scratch-leftovers.js';
import { describeAsRoot } from '../../../support/needs.js';

let folder = '';
let [first, second] = ['', ''];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-scratch-'));
  [first, second] = [join(folder, 'first'), join(folder, 'second')];
  for (const place of [first, second]) mkdirSync(place);
});

afterEach(async () => {
  await unmountAll(first);
  rmSync(folder, { recursive: true });
});

/** Where a scratch directory was made. */
const placeTaken = (): string => {
  const scratch = openScratch([first, second]);
  const file = scratch.path('file');
  writeFileSync(file, 'content');
  scratch.remove();
  expect(existsSync(file)).toBe(false);
  return dirname(dirname(file));
};

const memory = (options: string): void =>
  mount({ source: 'tmpfs', target: first, type: 'tmpfs', flags: 0, data: options });

/** The number of a process that has ended. */
const deadPid = (): number => Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));

const nameFor = (pid: number, unique: string): string =>
  join(first, scratchName().replace(/\d+-$/, `${pid}-`) + unique);

const leftBy = (pid: number, unique = 'abcdef'): string => {
  const path = nameFor(pid, unique);
  mkdirSync(path, { mode: 0o700 });
  writeFileSync(join(path, 'process.json'), '{}');
  return path;
};

describeAsRoot('the files of a command', () => {
  test('are in the first place', () => {
    expect(placeTaken()).toBe(first);
  });

  test('are in the next place when the first is full, and in the first again when it has room', () => {
    memory('size=2m');
    writeFileSync(join(first, 'hog'), Buffer.alloc(1.5 * 1024 * 1024));
    expect(placeTaken()).toBe(second);
    rmSync(join(first, 'hog'));
    expect(placeTaken()).toBe(first);
  });

  test('are in the next place when the first has no file left to give', () => {
    memory('nr_inodes=4');
    expect(placeTaken()).toBe(second);
  });

  test('are in the next place when the first is read-only', () => {
    memory('ro');
    expect(placeTaken()).toBe(second);
  });

  test('are in the next place when the first is not there', () => {
    rmSync(first, { recursive: true });
    expect(placeTaken()).toBe(second);
    mkdirSync(first);
  });

  test('cannot be anywhere when no place takes them, and the error says why for each', () => {
    expect(() => openScratch(['/nowhere', '/proc'])).toThrow(
      /no place for the files of a command: (Error: )?ENOENT.*nowhere.*; .*\/proc/,
    );
  });
});

describeAsRoot('the files of a command whose process was killed', () => {
  test('are removed by the next process that needs such files', () => {
    const left = leftBy(deadPid());
    removeLeftovers(first);
    expect(existsSync(left)).toBe(false);
  });

  test('stay while the process lives', () => {
    const left = leftBy(process.ppid);
    removeLeftovers(first);
    expect(existsSync(left)).toBe(true);
  });

  test('stay when they are of another pid namespace, whose processes are not to be seen here', () => {
    const other = join(first, `rxshim-runc-1-${deadPid()}-abcdef`);
    mkdirSync(other, { mode: 0o700 });
    removeLeftovers(first);
    expect(existsSync(other)).toBe(true);
  });

  test('stay when another user has put them there, or could change them, or they are only named so', () => {
    const pid = deadPid();
    chownSync(leftBy(pid, 'others'), 65534, 65534);
    chmodSync(leftBy(pid, 'open'), 0o770);
    symlinkSync(second, nameFor(pid, 'linked'));
    writeFileSync(join(second, 'mine'), '');
    removeLeftovers(first);
    expect(readdirSync(first)).toHaveLength(3);
    expect(existsSync(join(second, 'mine'))).toBe(true);
  });
});
