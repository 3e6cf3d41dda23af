import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mount, unmountAll } from '../../../src/hcs/native/mount/mount.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';
import { launcher } from './harness.js';

const unmountBy = (flags: number, path: string): number | null =>
  spawnSync(launcher, ['unmount', String(flags), path]).status;

describeWith(lackAsRoot())('the launcher, as what unmounts for a daemon', () => {
  let folder = '';
  let place = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxshim-unmount-'));
    place = join(folder, 'place');
    mkdirSync(place);
    mount({ source: 'tmpfs', target: place, type: 'tmpfs', flags: 0, data: 'size=64k' });
  });
  afterEach(async () => {
    await unmountAll(place);
    rmSync(folder, { recursive: true });
  });
  const isMounted = (): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${place} `);

  test('unmounts one place, and then says that nothing is mounted there', () => {
    expect(unmountBy(0, place)).toBe(0);
    expect(isMounted()).toBe(false);
    expect(unmountBy(0, place)).toBe(22);
    expect(unmountBy(0, join(folder, 'nowhere'))).toBe(2);
  });

  test('leaves what is in use, unless it is to be detached', () => {
    const before = process.cwd();
    process.chdir(place);
    try {
      expect(unmountBy(0, place)).toBe(16);
      expect(isMounted()).toBe(true);
      expect(unmountBy(2, place)).toBe(0);
      expect(isMounted()).toBe(false);
    } finally {
      process.chdir(before);
    }
  });
});
