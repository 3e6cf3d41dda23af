/**
 * The signals of a Linux container, by number and by name, whatever the system of this host. The default is SIGTERM.
 */
import { hostSignals } from '../signals/host.js';
import { signalNumbers } from '../signals/names.js';
import type { SignalOptions, SignalTable } from '../signals/options.js';

export const podSignals: SignalTable = hostSignals({
  signals: Object.fromEntries([...signalNumbers].map(([name, number]) => [`SIG${name}`, number])),
  realTime: true,
});

export const signalOfExec = (options: SignalOptions): number => Number(options.Signal);
