/**
 * The signals of this host's kernel, for engines that send real signals: local processes and runc.
 *
 * Numbers come from the operating system, since they differ (USR1 is 10 on Linux and 30 on macOS). The engine checks
 * whether a process may be signalled.
 */
import { constants } from 'node:os';
import { makeSignalTable, signalAction } from './make-table.js';
import type { SignalAction, SignalTable } from './options.js';

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

let thisHost: SignalTable | undefined;

/** Its entries are made when they are first looked up: all of them take 300 calls, and most programs send no signal. */
const tableOf = ({ signals, realTime }: HostKernel): SignalTable => {
  const last = realTime ? 64 : 31;
  const actions = new Map<number, SignalAction>();
  let numbers: ReadonlyMap<string, number> | undefined;
  const forNumber = (signal: number | undefined): SignalAction | undefined => {
    if (signal === undefined || !Number.isInteger(signal) || signal < 1 || signal > last) return undefined;
    const known = actions.get(signal);
    if (known !== undefined) return known;
    const made = signalAction(signal);
    actions.set(signal, made);
    return made;
  };
  return makeSignalTable({
    background: false,
    byNumber: { get: forNumber },
    byName: {
      get: (text) => {
        numbers ??= new Map(names(signals));
        const name = text.replace(/^SIG/, '');
        return forNumber(numbers.get(name)) ?? forNumber(realTimeNumber(name));
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
