/** A second version of a service takes the place of the first; a third never gets healthy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncScheduler, lastValueFrom, tap } from 'rxjs';
import { rollOut, type Version } from '../../examples/rollout.js';
import { onThisHost, sh } from './host.js';

export const service = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-rollout-'));
  const options = {
    interval: 100,
    checkTimeout: 500,
    healthyAfter: 2,
    deadline: 1_500,
    grace: 1_000,
    scheduler: asyncScheduler,
  };
  /** Ready when it has said so in a file. */
  const version = (name: string, work: string): Version => ({
    name,
    args: sh(`${work}; exec sleep 3600`),
    check: sh(`test -e ${join(folder, name)}`),
  });
  const getsReady = (name: string): Version => version(name, `sleep 0.2; touch ${join(folder, name)}`);
  try {
    await onThisHost(async (task) => {
      const roll = (next: Version, current?: string): Promise<unknown> =>
        lastValueFrom(
          rollOut(task, next, current === undefined ? undefined : task.exec(current), options).pipe(
            tap((event) => console.log(...Object.values(event))),
          ),
        );
      await roll(getsReady('v1'));
      await roll(getsReady('v2'), 'v1');
      await roll(version('v3', 'true'), 'v2');
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
};
