/**
 * The signals of the host's own kernel, for engines that send real ones: local processes and runc.
 *
 * Here a name is whatever this kernel calls by it (USR1 is 10 on Linux and 30 on macOS), which is why the numbers come
 * from the operating system and not from a table. Whether a process may be signalled is the engine's to find out.
 */
import { constants } from 'node:os';
import { makeSignalTable, signalAction } from './make-table.js';
import type { SignalTable } from './options.js';

/** What a kernel offers. */
export interface HostKernel {
  /** Signal numbers by name, with the `SIG` prefix, as in `os.constants.signals`. */
  readonly signals: Readonly<Record<string, number>>;
  /** Whether it has the real-time signals of Linux, 32 to 64. */
  readonly realTime: boolean;
}

const thisKernel: HostKernel = { signals: constants.signals, realTime: process.platform === 'linux' };

/**
 * The table of the host. Takes every number that the kernel has, 1 to 31 or 64, and every name, with or without `SIG`,
 * in any case. On Linux also `RTMIN`, `RTMIN+n`, `RTMAX-n` and `RTMAX`, counted as the C library counts them: from 34
 * to 64. The empty text means `TERM`.
 *
 * @param kernel another kernel than that of this host.
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

// 32 and 33 belong to the C library's threads: they have numbers, but are not counted from either end.
const realTimeNumber = (name: string): number | undefined => {
  const up = /^RTMIN(?:\+(\d+))?$/.exec(name);
  const down = /^RTMAX(?:-(\d+))?$/.exec(name);
  const signal = up ? lowest + Number(up[1] ?? 0) : down ? highest - Number(down[1] ?? 0) : 0;
  return signal >= lowest && signal <= highest ? signal : undefined;
};

// Old names that people still type, and that Node does not list everywhere.
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
