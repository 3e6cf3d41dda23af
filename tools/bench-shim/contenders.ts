/**
 * The shims that are compared: the reference, and rxshim twice, once with a daemon for each pod (as it comes) and once with one for the
 * whole namespace. Each of rxshim's is an installation of its own, so that one containerd can have both at a time.
 */
import { type Installed, install, installAnew } from '../../spec/support/containerd/runtime.js';

export interface Contender {
  readonly name: string;
  /** What `ctr run --runtime` takes. */
  readonly runtime: string;
  readonly installed: Installed;
  /** Whether one daemon serves all: then only the very first container waits for it to start. */
  readonly shared: boolean;
  remove(): void;
}

const reference = 'io.containerd.runc.v2';

export const openContenders = (): Contender[] => {
  const installed = install(reference);
  const contenders: Contender[] = [
    { name: 'runc-v2', runtime: reference, installed, shared: false, remove: () => undefined },
  ];
  for (const grouping of ['pod', 'namespace'] as const) {
    const ours = tryInstall(grouping);
    if (ours === undefined) break;
    contenders.push({
      name: `rxshim, by ${grouping}`,
      runtime: ours.executable,
      installed: { ...ours, remove: () => undefined },
      shared: grouping === 'namespace',
      remove: ours.remove,
    });
  }
  return contenders;
};

/** While there is nothing of ours to install, the reference is measured alone. */
const tryInstall = (grouping: string): Installed | undefined => {
  try {
    return installAnew(['--grouping', grouping]);
  } catch (error) {
    console.error(`rxshim is left out: ${(error as Error).message}`);
    return undefined;
  }
};
