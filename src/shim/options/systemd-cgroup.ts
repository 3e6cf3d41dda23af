/** Whether a container's cgroups are systemd's to make, told from its own document where no option says it. */
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
