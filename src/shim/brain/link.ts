/**
 * The brain's end of the link: receives the keeper's holdings and events as facts; sends answers and confirmations.
 *
 * The keeper first lists all that it holds, then sends `ready`. It delivers calls after it has received `restored`.
 */
import type { Socket } from 'node:net';
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { exited, signaled } from '../../hcs/contract/exit-code.js';
import type { MoveError, MoveSide } from '../../hcs/native/mover/mover.js';
import { encode, encodeLink, linkReader, type Reader, reader, toBrain, toKeeper } from './wire.js';

/** A child of the keeper that has ended. */
export interface KeptExit {
  /** In the order in which the keeper saw them. A pid may be in use again; a number is not. */
  readonly number: bigint;
  readonly pid: number;
  readonly exit: ProcessExit;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The keeper has published it, while no brain could be started. */
  readonly published: boolean;
}

/** A child of the keeper that an earlier brain has asked for, and whose exit is not confirmed. */
export interface KeptChild {
  readonly pid: number;
  /** The number of the latest exit before it was started. */
  readonly after: bigint;
  readonly tag: string;
}

export interface KeptMove {
  readonly name: string;
  readonly moved: number;
  readonly side: MoveSide;
  readonly ended: boolean;
  readonly error: MoveError | undefined;
}

export type KeeperFact =
  | { readonly type: 'hello'; readonly version: number; readonly pid: number }
  | { readonly type: 'held'; readonly name: string }
  | ({ readonly type: 'spawned' } & KeptChild)
  | ({ readonly type: 'exit' } & KeptExit)
  | ({ readonly type: 'moved'; readonly what: 'is' | 'ended' | 'settled' } & KeptMove)
  | { readonly type: 'ready' }
  | { readonly type: 'open' | 'closed'; readonly client: number }
  | { readonly type: 'request'; readonly client: number; readonly frame: Buffer };

export interface Deposit {
  readonly kind: 'answer' | 'exitAnswer' | 'exitEvent' | 'signal';
  readonly method: string;
  readonly id: string;
  readonly execId: string;
  /** For all kinds but `answer`: the process, and the number of the latest exit before it. */
  readonly process?: { readonly pid: number; readonly after: bigint };
  /** Where status, seconds and nanoseconds go: numbers of protobuf padded to 5, 10 and 5 bytes. */
  readonly places?: { readonly status?: number; readonly seconds?: number; readonly nanos?: number };
  readonly body: Uint8Array;
}

export interface KeeperLink {
  /** Brain and keeper agree on what there is: calls may come. */
  restored(): void;
  /** `frame` is a whole frame of ttrpc. @param sent is called when the keeper has it, whatever becomes of this process. */
  answer(client: number, frame: Uint8Array, sent?: () => void): void;
  drop(client: number): void;
  /** The exit is dealt with: the keeper may forget it. */
  confirm(number: bigint): void;
  deposit(deposit: Deposit): void;
  /** Forgets what was deposited for an exec, or for a whole container. */
  withdraw(id: string, execId?: string): void;
  /** The brain ends, and the keeper with it: another keeper may take its place from now on. */
  leave(): void;
}

export const keeperLink = (socket: Socket, happened: (fact: KeeperFact) => void): KeeperLink => {
  const send = (type: number, body: Uint8Array = none, client = 0, sent?: () => void): void =>
    void socket.write(encodeLink({ type, client, body: body as Buffer }), (error) => {
      if (!error) sent?.();
    });
  socket.on(
    'data',
    linkReader(({ type, client, body }) => {
      if (type === toBrain.ping) return send(toKeeper.pong);
      const fact = factOf(type, client, body);
      if (fact !== undefined) happened(fact);
    }),
  );
  return {
    restored: () => send(toKeeper.restored),
    answer: (client, frame, sent) => send(toKeeper.response, frame, client, sent),
    drop: (client) => send(toKeeper.drop, none, client),
    confirm: (number) => send(toKeeper.confirm, encode({ u64: number })),
    deposit: (deposit) => send(toKeeper.deposit, encodeDeposit(deposit)),
    withdraw: (id, execId) =>
      send(toKeeper.withdraw, encode(id, execId ?? '', { u8: execId === undefined ? 1 : 0 })),
    leave: () => send(toKeeper.leave),
  };
};

const none = Buffer.alloc(0);

/** `undefined` for messages that only a later keeper sends. */
const factOf = (type: number, client: number, body: Buffer): KeeperFact | undefined => {
  const from = reader(body);
  switch (type) {
    case toBrain.hello:
      return { type: 'hello', version: from.u32(), pid: from.u32() };
    case toBrain.held:
      return { type: 'held', name: from.string() };
    case toBrain.spawned:
      return { type: 'spawned', pid: from.u32(), after: from.u64(), tag: from.string() };
    case toBrain.exit:
      return { type: 'exit', ...exitIn(from) };
    case toBrain.moved: {
      const what = (['is', 'ended', 'settled'] as const)[from.u8()] ?? 'is';
      const report = reportIn(from);
      return { type: 'moved', what, name: from.string(), ...report };
    }
    case toBrain.ready:
      return { type: 'ready' };
    case toBrain.open:
      return { type: 'open', client };
    case toBrain.closed:
      return { type: 'closed', client };
    case toBrain.request:
      return { type: 'request', client, frame: body };
    default:
      return undefined;
  }
};

const exitIn = (from: Reader): KeptExit => {
  const [number, pid, status, nanos] = [from.u64(), from.u32(), from.u32(), from.u64()];
  const exit = (status & 0x7f) === 0 ? exited((status >> 8) & 0xff) : signaled(status & 0x7f);
  return { number, pid, exit, at: Number(nanos / 1_000_000n), published: from.u8() !== 0 };
};

/** As in the keeper's answer to `report`. */
export const reportIn = (from: Reader): Omit<KeptMove, 'name'> => {
  const moved = Number(from.u64());
  const side: MoveSide = from.u8() === 1 ? 'target' : 'source';
  const ended = from.u8() !== 0;
  const errno = from.u32();
  return { moved, side, ended, error: errno === 0 ? undefined : { side, syscall: 'splice', errno } };
};

const kinds = { answer: 1, exitAnswer: 2, exitEvent: 3, signal: 4 } as const;
const noPlace = 0xffff_ffff;

const encodeDeposit = ({ kind, method, id, execId, process, places, body }: Deposit): Buffer =>
  encode(
    { u8: kinds[kind] },
    { u32: process?.pid ?? 0 },
    { u64: process?.after ?? 0n },
    { u32: places?.status ?? noPlace },
    { u32: places?.seconds ?? noPlace },
    { u32: places?.nanos ?? noPlace },
    method,
    id,
    execId,
    body,
  );
