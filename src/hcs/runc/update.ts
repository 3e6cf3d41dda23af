/**
 * Changes the resource limits of a container: `runc update`.
 */
import { writeFileSync } from 'node:fs';
import { defer, finalize, type Observable } from 'rxjs';
import { invalid } from '../failures/errors.js';
import type { Runtime } from './command/runtime.js';
import { runtimeCommand } from './command/runtime-commands.js';
import { openScratch } from './command/scratch.js';

export const update = (runtime: Runtime, id: string, resources: object): Observable<never> =>
  defer(() => {
    if (typeof resources !== 'object' || resources === null)
      throw invalid('resources', resources, 'the resources of an OCI document');
    const scratch = openScratch();
    const path = scratch.path('resources.json');
    writeFileSync(path, JSON.stringify(resources));
    return runtimeCommand(runtime, id, 'update', ['--resources', path]).pipe(finalize(scratch.remove));
  });
