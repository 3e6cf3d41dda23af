/** Where the parts of an installed shim are. The launcher finds the rest from its own place. */
import { join } from 'node:path';

/** The name that containerd makes of the runtime `io.containerd.rxshim.v1`. */
export const launcherName = 'containerd-shim-rxshim-v1';

export interface Layout {
  readonly prefix: string;
  /** What containerd starts. */
  readonly launcher: string;
  /** The folder of everything else. */
  readonly library: string;
  readonly settings: string;
  /** What was installed, for who takes it away again. */
  readonly record: string;
}

export const layoutOf = (prefix: string): Layout => {
  const library = join(prefix, 'lib/rxshim');
  return {
    prefix,
    library,
    launcher: join(prefix, 'bin', launcherName),
    settings: join(library, 'shim.conf'),
    record: join(library, 'installed.json'),
  };
};
