/**
 * Connects the output of a process again after its host has gone: the host's successor offers the same port.
 *
 * As Microsoft's newest agent, it sends the last 128 KiB again, because some of it may have been lost with the host.
 */
import { firstValueFrom, type SchedulerLike, timer } from 'rxjs';
import type { SendingEnd } from '../../hcs/guest/stdio/stdio-socket.js';
import { type Dial, dialStdio } from '../dialer.js';
import type { Links } from '../links.js';

export interface Redial {
  /** The bytes are among the last that are sent. */
  keep(chunk: Uint8Array): void;
  /** The kept bytes, in order. */
  readonly kept: readonly Uint8Array[];
  /** Whether the host of the last connection has gone. */
  readonly hasGone: boolean;
  /** Calls `act` once, when the host has gone. Returns what cancels that. */
  onGone(act: () => void): () => void;
  /** The next connection. `undefined` if the host is there and has closed the last one, or if it stays away too long. */
  again(): Promise<SendingEnd | undefined>;
}

interface RedialOptions {
  readonly port: number;
  readonly dial: Dial;
  readonly links: Links;
  readonly scheduler: SchedulerLike;
}

const keptBytes = 128 * 1024;
/** In milliseconds: how long the connections of a host that has died may be closed before its bridge. */
const grace = 250;
const interval = 100;
/** How long to see whether a port is refused after the connection was made, in milliseconds. */
const refusal = 50;

export const redialling = ({ port, dial, links, scheduler }: RedialOptions): Redial => {
  const kept: Uint8Array[] = [];
  let size = 0;
  let link = links.current;
  const sleep = (duration: number) => firstValueFrom(timer(duration, scheduler));

  const dialled = async (): Promise<SendingEnd | undefined> => {
    try {
      const socket = (await firstValueFrom(dialStdio(dial, port))).sending();
      const refused = socket.peerClosed().then(() => true);
      if (!(await Promise.race([refused, sleep(refusal)]))) return socket;
      socket.close();
    } catch {
      // It is not offered yet.
    }
    return undefined;
  };

  return {
    kept,
    keep: (chunk) => {
      kept.push(chunk);
      size += chunk.length;
      while (size - (kept[0]?.length ?? 0) >= keptBytes) size -= kept.shift()?.length ?? 0;
    },
    get hasGone() {
      return links.current !== link;
    },
    onGone: (act) => links.onDetach(act),
    again: async () => {
      await sleep(grace);
      if (links.current === link) return undefined;
      for (let waited = grace; !links.closed && waited < links.keepFor; waited += interval) {
        if (links.current !== 0) {
          link = links.current;
          const socket = await dialled();
          if (socket !== undefined) return socket;
        }
        await sleep(interval);
      }
      return undefined;
    },
  };
};
