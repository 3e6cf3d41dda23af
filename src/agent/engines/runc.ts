/**
 * Containers of runc, from the bundles that the host describes. The root filesystem and its layers must exist already;
 * nothing is mounted.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { concat, defer, EMPTY, of } from 'rxjs';
import { invalid } from '../../hcs/failures/errors.js';
import { local } from '../../hcs/local/index.js';
import { type RuntimeOptions, runc } from '../../hcs/runc/index.js';
import type { AgentEngine } from '../engine.js';

/**
 * Runs the containers of the host by runc, and processes outside of containers on this host.
 *
 * @param options of the runtime: its binary and its state directory.
 */
export const runcEngine = (options: RuntimeOptions = {}): AgentEngine => ({
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
              // Only the document was created here.
              rmSync(document, { force: true });
              return EMPTY;
            }),
          ),
      });
    }),
  host: () => local(),
});
