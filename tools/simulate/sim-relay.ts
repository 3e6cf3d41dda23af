/**
 * The relay, simulated at its port: it knows when output is through, how much has moved, and that it was cut. Bytes
 * themselves do not exist here; worlds with bytes have the real relay.
 */
import { Observable, type Subscriber } from 'rxjs';
import type { StartRelay } from '../../src/streams/stdio/relay/relay-port.js';
import type { SimEngine } from './sim-engine.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { Entry } from './trace.js';

export interface SimRelays {
  readonly start: StartRelay;
  /** How many listen for output to be through. */
  listeners(): number;
}

export const simRelays = (
  { faults, processes }: SimEngine,
  scheduler: SimScheduler,
  record: (entry: Entry) => void,
): SimRelays => {
  const listeners = new Set<Subscriber<never>>();
  const start: StartRelay = ({ pid }) => {
    const process = processes.find((one) => one.pid === pid);
    if (process === undefined) throw new Error('a relay for a process that does not exist');
    const { exec, life } = process;
    const now = (): number => scheduler.now();
    if (faults.take(exec, 'relay.start') !== undefined) throw new Error('the relay does not start');
    const mine = new Set<Subscriber<never>>();
    let through = false;
    const finish = (): void => {
      if (through) return;
      through = true;
      for (const listener of [...mine]) listener.complete();
    };
    process.onClosed = () => {
      if (!through) record({ at: now(), exec, is: 'through' });
      finish();
    };
    return {
      through$: new Observable((listener) => {
        if (through || process.closed) return listener.complete();
        listeners.add(listener);
        mine.add(listener);
        return () => {
          listeners.delete(listener);
          mine.delete(listener);
        };
      }),
      moved: () => (life.flows ? now() : 0),
      cut: () => {
        const lost = !through && !process.closed;
        finish();
        if (faults.take(exec, 'relay.cut') !== undefined) throw new Error('the relay cannot be cut');
        return lost;
      },
    };
  };
  return { start, listeners: () => listeners.size };
};
