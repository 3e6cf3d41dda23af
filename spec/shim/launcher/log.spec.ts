import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Bundle, describeLauncher, harness } from './harness.js';

describeLauncher("the daemon's log", () => {
  const { bundle, daemon, start } = harness();
  const withFifo = (): Bundle & { readonly log: string } => {
    const made = bundle();
    const log = join(made.path, 'log');
    execFileSync('mkfifo', [log]);
    return { ...made, log };
  };

  test('is the pipe in the bundle, written to without waiting', async () => {
    const made = withFifo();
    const reader = openSync(made.log, constants.O_RDWR | constants.O_NONBLOCK);
    const { pid } = await daemon(await start(made));
    expect(readlinkSync(`/proc/${pid}/fd/2`)).toBe(made.log);
    const flags = Number.parseInt(
      /flags:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/2`, 'utf8'))?.[1] ?? '',
      8,
    );
    expect(flags & constants.O_NONBLOCK).toBe(constants.O_NONBLOCK);
    expect(flags & 3).toBe(constants.O_WRONLY);
    closeSync(reader);
  });

  test('goes nowhere when the pipe is not read, and blocks nothing', async () => {
    const { pid } = await daemon(await start(withFifo()));
    expect(readlinkSync(`/proc/${pid}/fd/2`)).toBe('/dev/null');
  });
});
