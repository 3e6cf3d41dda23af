import { afterEach, expect, test } from '@jest/globals';
import { firstValueFrom, NEVER, Subject } from 'rxjs';
import { startMarked } from '../../../../src/hcs/native/process/descendants/mark.js';
import { type Launched, launched } from '../../../../src/hcs/native/process/launched.js';
import { posixSpawn } from '../../../../src/hcs/native/process/posix-spawn.js';
import { reap } from '../../../../src/hcs/native/process/reap.js';
import { cgroupOf } from '../../../../src/hcs/runc/cgroup/cgroup.js';
import { execMarks } from '../../../../src/hcs/runc/exec/marks.js';
import { lackAsRoot } from '../../../support/lacks.js';
import { describeWith } from '../../../support/needs.js';

const sleeping = (mark: number): Launched => {
  const sleep = { file: 'sleep', args: ['sleep', '1000'], env: ['PATH=/usr/bin:/bin'], cwd: '/' };
  const pid = startMarked(
    mark,
    () => posixSpawn(sleep, [undefined, undefined, undefined]),
    (started) => started,
  );
  return launched({ pid, watch: (end) => reap(pid, end) });
};

describeWith(lackAsRoot('sleep'))('the marks of execs', () => {
  let sleeper: Launched | undefined;
  afterEach(async () => {
    sleeper?.send(9);
    if (sleeper) await firstValueFrom(sleeper.exit$);
  });

  test('are free again when no process bears them, however many have ended', () => {
    const marks = execMarks(() => cgroupOf(process.pid), NEVER);
    const borne = marks.next() as number;
    const running = marks.next() as number;
    sleeper = sleeping(borne);
    marks.ended(borne);
    const ended = Array.from({ length: 1_000 }, () => {
      const mark = marks.next() as number;
      marks.ended(mark);
      return mark;
    });
    expect(ended.filter((mark) => marks.has(mark)).length).toBeLessThan(300);
    expect([marks.has(borne), marks.has(running)]).toEqual([true, true]);
  });

  test('are free again with their container', () => {
    const gone$ = new Subject<void>();
    const marks = execMarks(() => undefined, gone$);
    const mark = marks.next() as number;
    expect(marks.has(mark)).toBe(true);
    gone$.next();
    expect(marks.has(mark)).toBe(false);
  });
});
