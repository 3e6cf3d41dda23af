/** Records when a relay is started over an upstream, when it is cut, and when the upstream is closed. */
import { defer } from 'rxjs';
import type { StartRelay } from '../../src/streams/stdio/relay-port.js';
import type { SimProcess } from './sim-process.js';
import type { Entry } from './trace.js';

/** What callers give to connect to hears nothing of the closing; the upstream that is made of it does. */
export const spiedRelay =
  (
    start: StartRelay,
    processes: readonly SimProcess[],
    record: (entry: Entry) => void,
    now: () => number,
  ): StartRelay =>
  (process, upstream, log) => {
    const { pid } = process;
    const exec = processes.find((one) => one.pid === pid)?.exec ?? '';
    const asked = (call: string): void => record({ at: now(), exec, is: 'asked', call, pid, signal: 0 });
    const close = upstream.close.bind(upstream);
    const relay = start(process, upstream, log);
    const cut = relay.cut.bind(relay);
    relay.cut = () => {
      asked('relay.cut');
      return cut();
    };
    upstream.close = () =>
      defer(() => {
        asked('upstream.close');
        return close();
      });
    asked('relay.start');
    return relay;
  };
