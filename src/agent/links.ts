/**
 * The connections of a session to its host, one after the other.
 *
 * The invariant: a message sent while there is no connection goes to the next one, in order, after its negotiation; it is
 * never sent twice. Bytes written to a connection that fails are not sent again.
 */

/** One connection. */
export interface Link {
  send(bytes: Uint8Array): void;
  /** Called when the host asks for a power off. */
  powerOff(): void;
}

export interface Links {
  /** How long a session outlives a connection, in milliseconds. Zero: what is sent without a connection is dropped. */
  readonly keepFor: number;
  /** The number of the connection, from one; zero without one. */
  readonly current: number;
  /** The number of the connection that gets what is sent now. */
  readonly next: number;
  readonly closed: boolean;
  attach(link: Link): void;
  /** The host has negotiated: it gets what was queued. */
  ready(): void;
  detach(link: Link): void;
  /** Calls `act` once, when the current connection ends. Returns what cancels that. */
  onDetach(act: () => void): () => void;
  send(bytes: Uint8Array): void;
  powerOff(): void;
  /** Nothing is sent any more. */
  close(): void;
}

export const linksOf = ({ keepFor }: { readonly keepFor: number }): Links => {
  const queue: Uint8Array[] = [];
  const listeners = new Set<() => void>();
  let link: Link | undefined;
  let isReady = false;
  let count = 0;
  let closed = false;
  return {
    keepFor,
    get current() {
      return link === undefined ? 0 : count;
    },
    get next() {
      return link === undefined ? count + 1 : count;
    },
    get closed() {
      return closed;
    },
    attach: (its) => {
      link = its;
      isReady = false;
      count += 1;
    },
    ready: () => {
      isReady = true;
      for (const bytes of queue.splice(0)) link?.send(bytes);
    },
    detach: (its) => {
      if (link !== its) return;
      link = undefined;
      const acts = [...listeners];
      listeners.clear();
      for (const act of acts) act();
    },
    onDetach: (act) => {
      listeners.add(act);
      return () => void listeners.delete(act);
    },
    send: (bytes) => {
      if (closed) return;
      if (link !== undefined && isReady) link.send(bytes);
      else if (keepFor > 0) queue.push(bytes);
    },
    powerOff: () => link?.powerOff(),
    close: () => {
      closed = true;
      queue.length = 0;
    },
  };
};
