/**
 * Records when a relay is started over an upstream, when it is cut, and when the upstream is closed: what callers give to
 * connect to hears nothing of that; the upstream that is made of it does.
 */
import type { StartRelay } from '../../src/streams/stdio/relay/relay-port.js';
import type { SimProcess } from './sim-process.js';
import type { Entry } from './trace.js';

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
    const relay = start(process, upstream, log);
    const { close } = upstream;
    // A method that is changed costs every world a tenth of its time: only some worlds are spied on.
    upstream.close = () => {
      asked('upstream.close');
      return close.call(upstream);
    };
    asked('relay.start');
    return {
      through$: relay.through$,
      ...(relay.owed$ && { owed$: relay.owed$ }),
      moved: relay.moved,
      ...(relay.ioErrors && { ioErrors: relay.ioErrors }),
      cut: () => {
        asked('relay.cut');
        return relay.cut();
      },
    };
  };
