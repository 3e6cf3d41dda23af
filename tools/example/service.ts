/** A second version of a service takes the place of the first; a third never gets healthy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncScheduler, concat, lastValueFrom, NEVER, of, takeWhile, tap } from 'rxjs';
import { rolledOut, type Version } from '../../examples/rollout.js';
import { onThisHost, sh } from './host.js';

export const service = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-rollout-'));
  /** Ready when it has said so in a file. */
  const version = (name: string, work: string): Version => ({
    name,
    serve: sh(`${work}; exec sleep 3600`),
    check: sh(`test -e ${join(folder, name)}`),
  });
  const getsReady = (name: string): Version => version(name, `sleep 0.2; touch ${join(folder, name)}`);
  try {
    await onThisHost(async (task) => {
      const versions$ = concat(of(getsReady('v1'), getsReady('v2'), version('v3', 'true')), NEVER);
      const events$ = rolledOut(task, versions$, asyncScheduler).pipe(
        tap((event) => console.log(event.kind, event.version.name)),
        takeWhile(({ kind }) => kind !== 'rolled back'),
      );
      await lastValueFrom(events$);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
};
