/** A descriptor that the host of the processes keeps as well, where it outlives this process. */
import { childHost } from './child-host.js';

/** Returns what ends that. A name that is too long for the host is not kept. */
export const keptByHost = (name: string, descriptor: number): (() => void) => {
  const { kept } = childHost();
  if (kept === undefined || name.length > maxName) return () => undefined;
  kept.keep(name, descriptor);
  return () => kept.release(name);
};

const maxName = 400;
