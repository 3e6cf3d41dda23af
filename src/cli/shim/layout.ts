/**
 * The paths of an installed shim. The launcher finds the rest relative to itself.
 */
import { join } from 'node:path';

/** The binary name that containerd derives from the runtime `io.containerd.rxshim.v1`. */
const launcherName = 'containerd-shim-rxshim-v1';

export interface Layout {
  /** The binary that containerd starts. */
  readonly launcher: string;
  /** The folder of everything else. */
  readonly library: string;
  readonly settings: string;
  /** The record of what was installed, for the removal. */
  readonly record: string;
}

export const layoutOf = (prefix: string): Layout => {
  const library = join(prefix, 'lib/rxshim');
  return {
    library,
    launcher: join(prefix, 'bin', launcherName),
    settings: join(library, 'shim.conf'),
    record: join(library, 'installed.json'),
  };
};
