/** Commands joined by pipes, over real processes. */
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { pipeline, run } from 'rxshim';
import { local } from 'rxshim/local';
import { census, leftSince, nothing } from '../support/census.js';

const sh = (script: string, options = {}) => run(local(), ['sh', '-c', script], options);

describe('a pipeline', () => {
  it('passes the output of each to the next', async () => {
    const sorted = await pipeline(
      run(local(), ['cat'], { input: 'b\na\nb\n' }),
      run(local(), ['sort']),
      run(local(), ['uniq', '-c']),
    );
    expect(sorted.stdout.split('\n').map((line) => line.trim())).toEqual(['1 a', '2 b']);
    expect(sorted.results.map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  it('joins neighbours by one pipe of the kernel', async () => {
    const { stdout, results } = await pipeline(
      sh('exec 3>&1; readlink /proc/self/fd/3 >&2'),
      run(local(), ['readlink', '/proc/self/fd/0']),
    );
    expect(stdout).toMatch(/^pipe:\[\d+\]$/);
    expect(results[0]?.stderr).toBe(stdout);
  });

  it('has not failed where a writer ends by SIGPIPE', async () => {
    const { stdout, status, results } = await pipeline(
      run(local(), ['yes']),
      run(local(), ['head', '-n', '2']),
    );
    expect([stdout, status, results[0]?.status]).toEqual(['y\ny', 0, 141]);
  });

  it('names the command whose time was up, not one that it was stopped with', async () => {
    const stop = { grace: 10_000 };
    const late = pipeline(
      run(local(), ['sleep', '300'], { timeout: 200, stop }),
      run(local(), ['cat'], { stop }),
    );
    await expect(late).rejects.toMatchObject({
      message: expect.stringMatching(
        /^run sleep 300 \| cat: sleep 300: timed out after 200 ms: ended by SIGTERM/,
      ),
      result: { failed: true, status: 143 },
    });
  });

  it('has failed when any has, and says which', async () => {
    const failing = pipeline(sh('echo no >&2; exit 3'), run(local(), ['cat']));
    await expect(failing).rejects.toMatchObject({
      name: 'RunError',
      message:
        "run sh -c 'echo no >&2; exit 3' | cat: sh -c 'echo no >&2; exit 3': exited with status 3\n\nno",
      exitStatus: 3,
      result: { status: 3, failed: true, stdout: '' },
    });
    const { status } = await pipeline(sh('exit 3'), sh('exit 4'), sh('cat', { reject: false }));
    expect(status).toBe(4);
  });

  it('is stopped as a whole by a timeout of one', async () => {
    const hanging = pipeline(sh('sleep 300'), sh('cat', { timeout: 200 }));
    await expect(hanging).rejects.toMatchObject({ result: { stopped: { reason: 'timeout' } } });
  });

  it('leaves nothing when it is unsubscribed from', async () => {
    const before = census();
    await firstValueFrom(pipeline(run(local(), ['yes']), run(local(), ['cat'])).pipe(take(3), toArray()));
    expect(await leftSince(before)).toEqual(nothing);
  });

  it('leaves nothing when one of it cannot be created', async () => {
    const before = census();
    const used = local();
    await run(used, ['true']);
    const refused = pipeline(
      run(local(), ['cat']),
      run(local(), ['cat'], { id: 'x', stdio: { stdout: '/dev/null/x' } }),
    );
    await expect(refused).rejects.toThrow('stdout');
    expect(await leftSince(before)).toEqual(nothing);
  });

  it('refuses what cannot be joined', () => {
    expect(() => pipeline(run(local(), ['cat']))).toThrow('runs: expected two or more');
    expect(() => pipeline(run(local(), ['cat']), run(local(), ['cat'], { input: 'x' }))).toThrow('runs[1]');
    expect(() =>
      pipeline(run(local(), ['cat'], { stdio: { stdout: 'inherit' } }), run(local(), ['cat'])),
    ).toThrow('runs[0].stdio.stdout');
  });
});
