/**
 * Decides whether systemd creates a container's cgroups: from its document, unless an option says so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Systemd is asked for a slice, a prefix and a name; anything else is a path. */
const slicePrefixName = /^[^/:]*:[^/:]+:[^/:]+$/;

/** A document that cannot be read is for the runtime to refuse. */
export const asksForSystemd = (bundle: string): boolean => {
  try {
    const { linux } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
    return slicePrefixName.test(linux?.cgroupsPath);
  } catch {
    return false;
  }
};
