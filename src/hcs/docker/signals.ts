/**
 * The signals of a Linux container, by number and by name, whatever the system of this host.
 *
 * The default is the container's own way to stop, which its image may have chosen; a process beside the first one gets
 * SIGTERM instead.
 */
import { hostSignals } from '../signals/host.js';
import { signalNumbers } from '../signals/names.js';
import type { SignalAction, SignalOptions, SignalTable } from '../signals/options.js';

const linux = hostSignals({
  signals: Object.fromEntries([...signalNumbers].map(([name, number]) => [`SIG${name}`, number])),
  realTime: true,
});

const sigterm = 15;

/** @param stopSignal what the container is stopped with, by name or number, once that is known. */
export const containerSignals = (stopSignal: () => string | undefined): SignalTable => ({
  ...linux,
  forText: (text) => {
    if (text !== '') return linux.forText(text);
    const chosen = linux.forText(stopSignal() ?? '');
    return chosen?.kind === 'signal' ? defaultOf(chosen) : chosen;
  },
});

/** Remembers which options mean the default, as they mean another signal to other processes. */
const defaults = new WeakSet<SignalOptions>();

const defaultOf = (action: SignalAction & { readonly kind: 'signal' }): SignalAction => {
  const options = { ...action.options };
  defaults.add(options);
  return { kind: 'signal', options };
};

/** The number for a process that is not the container's first. */
export const signalOfExec = (options: SignalOptions): number =>
  defaults.has(options) ? sigterm : Number(options.Signal);
