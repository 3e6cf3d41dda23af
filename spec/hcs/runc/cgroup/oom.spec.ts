import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type OomWatch, watchOom } from '../../../../src/hcs/runc/cgroup/oom.js';

/** Files in place of a kernel's: the real thing is in resources.spec.ts, for the layout that the machine has. */
describe('processes killed for want of memory, in the one tree', () => {
  let directory = '';
  let watch: OomWatch;
  let reported = 0;
  let next: () => void = () => undefined;

  const events = (kills: number) =>
    writeFileSync(join(directory, 'memory.events'), `low 0\noom ${kills}\noom_kill ${kills}\n`);
  const reportedAgain = () =>
    new Promise<void>((resolve) => {
      next = resolve;
    });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spec-oom-'));
    reported = 0;
    events(2);
    watch = watchOom({ version: 2, directory }, () => {
      reported += 1;
      next();
    });
  });
  afterEach(() => {
    watch.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('are reported each time their count grows', async () => {
    const first = reportedAgain();
    events(3);
    await first;
    const second = reportedAgain();
    events(5);
    await second;
    expect(reported).toBe(2);
  });

  test('are reported at once by a look, and not again', () => {
    events(3);
    watch.look();
    watch.look();
    expect(reported).toBe(1);
  });

  test('are no matter when the count is what it was, or cannot be read any more', () => {
    watch.look();
    rmSync(directory, { recursive: true });
    watch.look();
    expect(reported).toBe(0);
  });

  test('are ignored where they cannot be watched', () => {
    const blind = watchOom({ version: 1, directories: new Map() }, () => undefined);
    blind.look();
    blind.close();
  });
});
