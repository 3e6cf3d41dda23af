/**
 * The signals of this host's kernel, for engines that send real signals: local processes and runc.
 *
 * Numbers come from the operating system, since they differ (USR1 is 10 on Linux and 30 on macOS). The engine checks
 * whether a process may be signalled.
 */
import { constants } from 'node:os';
import { makeSignalTable, signalAction } from './make-table.js';
import type { SignalTable } from './options.js';

/** The signals of a kernel. */
export interface HostKernel {
  /** Signal numbers by name, with the `SIG` prefix, as in `os.constants.signals`. */
  readonly signals: Readonly<Record<string, number>>;
  /** Whether it has Linux's real-time signals, 32 to 64. */
  readonly realTime: boolean;
}

const thisKernel: HostKernel = { signals: constants.signals, realTime: process.platform === 'linux' };

/**
 * The signal table of the host. Accepts every number that the kernel has, 1 to 31 or 64, and every name, with or
 * without `SIG`, in any case. On Linux also `RTMIN`, `RTMIN+n`, `RTMAX-n` and `RTMAX`, numbered as by the C library:
 * from 34 to 64. The empty string means `TERM`.
 *
 * @param kernel the signals of another kernel than this host's.
 */
export const hostSignals = (kernel?: HostKernel): SignalTable => {
  if (kernel !== undefined) return tableOf(kernel);
  thisHost ??= tableOf(thisKernel);
  return thisHost;
};

/** Made on first use: it takes 300 calls, which neither an import nor every container should pay. */
let thisHost: SignalTable | undefined;

const tableOf = ({ signals, realTime }: HostKernel): SignalTable => {
  const byNumber = new Map(upTo(realTime ? 64 : 31).map((signal) => [signal, signalAction(signal)] as const));
  const byName = new Map(names(signals).flatMap(([name, signal]) => optional(name, byNumber.get(signal))));
  return makeSignalTable({
    background: false,
    byNumber,
    byName: {
      get: (text) => {
        const name = text.replace(/^SIG/, '');
        return byName.get(name) ?? byNumber.get(realTimeNumber(name) ?? 0);
      },
    },
    byDefault: signalAction(15),
  });
};

const lowest = 34;
const highest = 64;

// 32 and 33 are reserved for the C library's threads: they have numbers, but RTMIN starts after them.
const realTimeNumber = (name: string): number | undefined => {
  const up = /^RTMIN(?:\+(\d+))?$/.exec(name);
  const down = /^RTMAX(?:-(\d+))?$/.exec(name);
  const signal = up ? lowest + Number(up[1] ?? 0) : down ? highest - Number(down[1] ?? 0) : 0;
  return signal >= lowest && signal <= highest ? signal : undefined;
};

// Old names that are still in use and that Node does not list everywhere.
const aliases = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO' };

const names = (signals: HostKernel['signals']): [string, number][] => {
  const known = Object.entries(signals).map(([name, signal]): [string, number] => [
    name.replace(/^SIG/, ''),
    signal,
  ]);
  const named = new Map(known);
  const added = Object.entries(aliases).flatMap(([alias, name]) => optional(alias, named.get(name)));
  return [...added, ...known];
};

const optional = <V>(name: string, value: V | undefined): [string, V][] =>
  value === undefined ? [] : [[name, value]];

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
