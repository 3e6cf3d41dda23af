/** The options of a stop. `run`, `runTask` and `expect` take them as `stop`. */
import { invalid } from '../../hcs/failures/errors.js';
import { refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import type { SignalAction, SignalTable } from '../../hcs/signals/options.js';
import { requireKillMode, requireObject, requireObservable, requireSignal } from '../arguments.js';
import { requireTime } from '../policies.js';
import type { StopOptions } from './interface.js';

export const stopOptionNames = [
  'signal',
  'reached$',
  'grace',
  'killMode',
] as const satisfies readonly (keyof StopOptions)[];

/** @throws RxshimError `invalidArgument` for a value that cannot be, by its path. */
export const requireStopValues = (path: string, options: StopOptions): void => {
  const { signal, grace, killMode, reached$ } = options;
  if (signal !== undefined) requireSignal(`${path}signal`, signal);
  if (grace !== undefined) requireTime(`${path}grace`, grace);
  if (killMode !== undefined) requireKillMode(`${path}killMode`, killMode);
  if (reached$ !== undefined) requireObservable(`${path}reached$`, reached$);
};

/** The same for the option `stop` of another function, with the signals of the system that it will be for. */
export const requireStop = (stop: StopOptions, signals: SignalTable): void => {
  requireObject('stop', stop);
  refuseUnknown('stop.', stop, stopOptionNames);
  requireStopValues('stop.', stop);
  const { signal } = stop;
  if (signal !== undefined && signal !== 0 && signalAction(signals, signal) === undefined)
    throw invalid('stop.signal', signal, 'a signal that the system takes');
};

/** `undefined` for a signal that the system does not take. */
export const signalAction = (signals: SignalTable, signal: number | string): SignalAction | undefined =>
  typeof signal === 'number' ? signals.forNumber(signal) : signals.forText(signal);
