/** The options of `rxshim run -d`, validated before anything is started. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Ending } from '../ending.js';
import { processOf } from '../options/bundle-choice.js';
import { parseDuration } from '../options/parse-duration.js';
import { refuseOthers } from '../options/refuse-others.js';
import type { RunOptions } from '../options/run-settings.js';
import { badOption, CliError, exitCodes } from '../options/usage.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { detach } from './detach.js';
import { stateDirectory } from './registry.js';

export interface DetachOptions {
  readonly detach?: boolean;
  readonly bundle?: string;
  readonly state?: string;
  readonly owner?: string;
  readonly expires?: string;
}

export const runDetached = async (
  command: readonly string[],
  options: RunOptions & DetachOptions,
): Promise<Ending> => {
  refuseOthers(options, detached, 'a run without -d');
  const { bundle, owner = 'rxshim', expires, name } = options;
  if (bundle === undefined)
    throw new CliError('--detach: expected --bundle as well, got none', exitCodes.usage);
  processOf(bundle);
  if (command.length > 0) throw badOption('COMMAND', command.join(' '), 'none with -d: the bundle has it');
  if (owner === '') throw badOption('--owner', owner, 'a name');
  const run = randomBytes(6).toString('hex');
  const id = name ?? `run-${run}`;
  if (!/^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/.test(id))
    throw badOption('--name', id, 'letters and digits, and . _ - between them');
  const life = expires === undefined ? undefined : parseDuration(expires);
  if (expires !== undefined && life === undefined)
    throw badOption('--expires', expires, 'a duration such as 30m or 12h');
  await detach({
    id,
    bundle: resolve(bundle),
    directory: resolve(stateDirectory(options)),
    owner,
    run,
    ...(life !== undefined && { expiresAt: Date.now() + life }),
  });
  descriptorWriter(1).write(`${id}\n`);
  return { exitCode: 0 };
};

/** The last two have a default, so they are always there. */
const detached = new Set([
  'detach',
  'bundle',
  'state',
  'owner',
  'expires',
  'name',
  'logLevel',
  'stopTimeout',
]);
