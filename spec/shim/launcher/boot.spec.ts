import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeLauncher, harness } from './harness.js';

describeLauncher('the compiled code of the bundle', () => {
  const { bundle, daemon, library, shutdown, start } = harness();
  const caches = (): readonly string[] => readdirSync(library).filter((name) => name.includes('.cache'));

  /** From the start of a daemon to its end. */
  const live = async (env = {}): Promise<void> => {
    const path = await start(bundle(), { env });
    const { pid } = await daemon(path);
    await shutdown(path);
    while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const cache = (): string => join(library, caches()[0] as string);
  const old = new Date(0);

  test('is kept by the first daemon, whole and for this node alone', async () => {
    expect(caches()).toEqual([]);
    await live();
    expect(caches()).toEqual([expect.stringMatching(/^shim-\w+\.cjs\.v[\d.]+-\w+\.cache$/)]);
    expect(cache()).toContain(`${process.version}-${process.arch}`);
  });

  test('is taken by the next, and stays as it is', async () => {
    utimesSync(cache(), old, old);
    await live();
    expect(statSync(cache()).mtimeMs).toBe(0);
  });

  test.each([
    ['is empty', () => new Uint8Array()],
    ['is cut off', () => readFileSync(cache()).subarray(0, 1000)],
    ['is something else', () => Buffer.from('compiled code')],
  ])('is made anew when it %s', async (_what, content) => {
    const whole = statSync(cache()).size;
    writeFileSync(cache(), content());
    await live();
    expect(statSync(cache()).size).toBeGreaterThan(whole / 2);
    expect(caches()).toHaveLength(1);
  });

  test('of a mere trial serves until that of a daemon with containers is there', async () => {
    rmSync(cache());
    await live({ RXSHIM_TRIAL: '1' });
    expect(caches()).toEqual([expect.stringMatching(/\.trial\.cache$/)]);
    utimesSync(cache(), old, old);
    await live();
    const trial = caches().find((name) => name.includes('.trial.')) as string;
    expect(caches()).toHaveLength(2);
    expect(statSync(join(library, trial)).mtimeMs).toBe(0);
    rmSync(join(library, trial));
  });

  test('is not kept for a bundle that is not there any more', async () => {
    rmSync(cache());
    const name = readdirSync(library).find((each) => /^shim-\w+\.cjs$/.test(each)) as string;
    const aside = join(library, `aside-${name}`);
    const path = await start(bundle());
    const { pid } = await daemon(path);
    renameSync(join(library, name), aside);
    await shutdown(path);
    while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(caches()).toEqual([]);
    renameSync(aside, join(library, name));
    await live();
  });

  test('is of the daemon, not of what lives shorter', async () => {
    rmSync(cache());
    execFileSync(process.execPath, [join(library, 'boot.cjs'), '-v']);
    expect(caches()).toEqual([]);
  });

  test('is done without where it cannot be kept', async () => {
    // Also root cannot make a file of that name.
    const name = readdirSync(library).find((each) => /^shim-\w+\.cjs$/.test(each));
    const inTheWay = join(library, `${name}.${process.version}-${process.arch}.cache`);
    mkdirSync(inTheWay);
    writeFileSync(join(inTheWay, 'x'), '');
    await live();
    expect(caches()).toHaveLength(1);
    rmSync(inTheWay, { recursive: true });
  });
});

/** A process that has ended but was not yet waited for has no words any more. */
const isThere = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};
