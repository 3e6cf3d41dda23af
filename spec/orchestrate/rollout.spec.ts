/** Versions that replace each other, in virtual time: one column is one millisecond. */
import { describe, expect, it } from '@jest/globals';
import { concat, concatMap, from, map, NEVER, of, timer } from 'rxjs';
import { type RolloutEvent, readyWhen, rollout } from 'rxshim/orchestrate';
import { type Harness, inATask } from './in-a-task.js';

const words = (event: RolloutEvent<string>): string =>
  `${event.kind} ${event.version}${event.kind === 'stopped' || event.kind === 'ended' ? ` ${event.result?.status}` : ''}`;

/** Versions that come 20 ms after each other, each ready when it has written a line. */
const rolling = ({ program, scheduler }: Harness, versions: readonly string[]) =>
  concat(
    from(versions).pipe(
      concatMap((version, index) => timer(index === 0 ? 0 : 20, scheduler).pipe(map(() => version))),
    ),
    NEVER,
  ).pipe(rollout((version) => readyWhen(program(version), { line: 'o' }, { timeout: 10, scheduler })));

describe('rollout', () => {
  it('stops the old version when the new one is ready', () =>
    inATask({ v1: 'r-o', v2: 'r---o' }, async (harness) => {
      const { lines } = harness.log(rolling(harness, ['v1', 'v2']), words);
      await harness.sleep(50);
      expect(lines).toEqual([
        '0 started v1',
        '2 ready v1',
        '20 started v2',
        '24 ready v2',
        '24 stopped v1 143',
      ]);
    }));

  it('keeps the old version when the new one is not ready in time, or ends before', () =>
    inATask({ v1: 'r-o', v2: 'r', v3: 'r--(1|)' }, async (harness) => {
      const { lines } = harness.log(rolling(harness, ['v1', 'v2', 'v3']), words);
      await harness.sleep(80);
      expect(lines).toEqual([
        '0 started v1',
        '2 ready v1',
        '20 started v2',
        '30 rolled back v2',
        '40 started v3',
        '43 rolled back v3',
      ]);
      expect(harness.task.execs).toHaveLength(1);
    }));

  it('rolls out a version only when the one before is through', () => {
    const slow = { life: 'r-o', on: { TERM: '------------------------------(x|)' } };
    return inATask({ v1: slow, v2: 'r-o', v3: 'r-o' }, async (harness) => {
      const { lines } = harness.log(rolling(harness, ['v1', 'v2', 'v3']), words);
      await harness.sleep(80);
      expect(lines).toEqual([
        '0 started v1',
        '2 ready v1',
        '20 started v2',
        '22 ready v2',
        '52 stopped v1 143',
        '52 started v3',
        '54 ready v3',
        '54 stopped v2 143',
      ]);
    });
  });

  it('says when what runs has ended by itself, and completes then if no version comes', () =>
    inATask({ v1: 'r-o---(5|)' }, async ({ program, scheduler, log, sleep }) => {
      const rolled$ = of('v1').pipe(
        rollout((version) => readyWhen(program(version), { line: 'o' }, { scheduler })),
      );
      const { lines } = log(rolled$, words);
      await sleep(20);
      expect(lines).toEqual(['0 started v1', '2 ready v1', '6 ended v1 5', '6 complete']);
    }));

  it('stops all when it is unsubscribed from', () =>
    inATask({ v1: 'r-o', v2: 'r' }, async (harness) => {
      const { stop } = harness.log(rolling(harness, ['v1', 'v2']), words);
      await harness.sleep(25);
      expect(harness.task.execs).toHaveLength(2);
      stop();
      await harness.sleep(5);
      expect(harness.task.execs).toHaveLength(0);
    }));
});
