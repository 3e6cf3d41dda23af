/**
 * Real containers: those of runc, from the bundles that a host describes. What a bundle is made of (the root filesystem,
 * its layers) must be there already; nothing is mounted for it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { concat, defer, EMPTY, of } from 'rxjs';
import { invalid } from '../hcs/failures/errors.js';
import { local } from '../hcs/local/index.js';
import { type RuntimeOptions, runc } from '../hcs/runc/index.js';
import type { GuestEngine } from './guest-engine.js';

/** @param options of the runtime: where its binary is, and where it keeps what it knows of containers. */
export const runcEngine = (options: RuntimeOptions = {}): GuestEngine => ({
  container: ({ id, config }) =>
    defer(() => {
      const { OciBundlePath: bundle, OciSpecification } = config;
      if (!isAbsolute(bundle)) throw invalid('OciBundlePath', bundle, 'an absolute path');
      const document = join(bundle, 'config.json');
      mkdirSync(bundle, { recursive: true, mode: 0o700 });
      writeFileSync(document, JSON.stringify(OciSpecification));
      const system = runc({ ...options, id, bundle });
      return of({
        ...system,
        delete: () =>
          concat(
            system.delete?.() ?? EMPTY,
            defer(() => {
              // The rest of the bundle was there before.
              rmSync(document, { force: true });
              return EMPTY;
            }),
          ),
      });
    }),
  host: () => local(),
});
