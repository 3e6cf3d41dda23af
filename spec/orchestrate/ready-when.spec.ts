/** Work that says when it can be used: in virtual time, and over real ports. */
import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, lastValueFrom, map, of, tap, timer } from 'rxjs';
import { run } from 'rxshim';
import { local } from 'rxshim/local';
import { readyWhen } from 'rxshim/orchestrate';
import { inATask } from './in-a-task.js';

const kinds = (event: { readonly kind: string }): string => event.kind;

describe('readyWhen', () => {
  it('emits `ready` when a line was written', () =>
    inATask(
      { web: { life: 'r-a-b---(0|)', values: { a: 'starting', b: 'listening on 80' } } },
      async ({ program, scheduler, expectObservable, sleep }) => {
        const ready$ = readyWhen(program('web'), { line: /listening on \d+/ }, { scheduler }).pipe(
          map(kinds),
        );
        const values = { s: 'started', o: 'output', r: 'ready', x: 'exited', e: 'result' };
        expectObservable(ready$).toBe('s-o-(or)(xe|)', values);
        await sleep(20);
      },
    ));

  it('looks at intervals whether a check succeeds', () =>
    inATask({ web: 'r', check: ['r(1|)', 'r(1|)', 'r(0|)'] }, async ({ program, scheduler, log, sleep }) => {
      const ready$ = readyWhen(
        program('web'),
        { check: () => program('check') },
        { interval: 10, scheduler },
      );
      const { lines } = log(ready$, kinds);
      await sleep(50);
      expect(lines).toEqual(['0 started', '21 ready']);
    }));

  it('stops what is not ready in time, and fails when it is gone', () =>
    inATask({ web: { life: 'r', on: { TERM: '-----(x|)' } } }, async ({ program, scheduler, log, sleep }) => {
      const ready$ = readyWhen(program('web'), { check: () => of(false) }, { timeout: 10, scheduler });
      const { lines } = log(ready$, kinds);
      await sleep(50);
      expect(lines).toEqual([
        '0 started',
        '15 exited',
        '15 error: readyWhen: not within 10 ms: its check succeeded: unavailable',
      ]);
    }));

  it('fails when the work ends before, as it ended', () =>
    inATask({ badly: 'r-(3|)', well: 'r-(0|)' }, async ({ program, scheduler, log, sleep }) => {
      const badly = log(readyWhen(program('badly'), { line: 'up' }, { scheduler }), kinds);
      const well = log(readyWhen(program('well'), { line: 'up' }, { scheduler }), kinds);
      await sleep(50);
      expect(badly.lines.at(-1)).toBe('2 error: run badly: exited with status 3');
      expect(well.lines.at(-1)).toContain(
        '2 error: readyWhen: it ended with status 0 before it wrote a line with up',
      );
    }));

  it.each(['port', 'http'] as const)('waits for a real %s', async (kind) => {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const script = `setTimeout(() => require('http').createServer((_, answer) => answer.end()).listen(${port}, '127.0.0.1'), 300)`;
    const condition = kind === 'port' ? { port } : { http: `http://127.0.0.1:${port}/` };
    const server = readyWhen(run(local(), [process.execPath, '-e', script]), condition);
    const ready = await firstValueFrom(server.pipe(filter((event) => event.kind === 'ready')));
    expect(ready.after).toBeGreaterThan(0);
  });

  it('finds a line that comes in pieces', async () => {
    const script = 'printf "lis"; sleep 0.1; printf "tening"; sleep 300';
    const ready$ = readyWhen(run(local(), ['sh', '-c', script]), { line: 'listening' });
    await firstValueFrom(ready$.pipe(filter(({ kind }) => kind === 'ready')));
  });

  it('can be awaited as the work can', async () => {
    const { stdout } = await readyWhen(run(local(), ['echo', 'up']), { line: 'up' });
    expect(stdout).toBe('up');
    await lastValueFrom(timer(1).pipe(tap()));
  });

  it('refuses what is no condition', () => {
    expect(() => readyWhen(run(local(), ['true']), {} as never)).toThrow(
      'condition: expected { line }, { port }, { http } or { check }',
    );
  });
});
