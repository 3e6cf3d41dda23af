/**
 * A stream that the mover of this process moves: a promise for its end, instead of events.
 */
import { type MoveReport, type Mover, moverHere, nativeError } from '../../../hcs/native/index.js';
import type { DrainRest } from '../../policies.js';

export interface CopyOptions {
  /** The name of the stream, for the mover. */
  readonly name: string;
  /** The target takes no more: output is dropped from now on. */
  readonly dropping?: (code: string) => void;
  /** It takes output again, or the stream is over. */
  readonly dropped?: (bytes: number, code: string) => void;
  /** The copying process was killed: up to so many bytes may be missing. */
  readonly uncertain?: (bytes: number) => void;
}

export interface MovedStream {
  /** Settles at the source's end, or when the stream was stopped; rejects with what the kernel said. */
  readonly done: Promise<void>;
  moved(): number;
  dropped(): number;
  side(): 'source' | 'sink';
  /** Calls back once, when all bytes that have arrived by now were moved. */
  settle(settled: () => void): void;
  /** Returns whether the mover goes on with the rest. */
  stop(rest: DrainRest): boolean;
}

/** How long a reader may take nothing of what is left for it after the drain, in milliseconds. */
const restStall = 10_000;

let here: Mover | undefined;

/** The mover of this process. */
export const mover = (): Mover => (here ??= moverHere());

/** For the whole process, before a stream is moved. */
export const setMover = (other: Mover): void => {
  here = other;
};

const none: MoveReport = { moved: 0, dropped: 0, side: 'source' };

/** Returns `undefined` where the bytes have to be copied. */
export const moveStream = (
  from: number,
  to: number,
  { name: wanted, dropping, dropped, uncertain }: CopyOptions,
): MovedStream | undefined => {
  const name = freeName(wanted);
  let last: MoveReport | undefined;
  let settled = (): void => undefined;
  let settle!: { resolve(): void; reject(error: unknown): void };
  const done = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  const attached = mover().attach(name, { from, to }, (event) => {
    switch (event.type) {
      case 'settled':
        return settled();
      case 'dropping':
        return dropping?.(event.code);
      case 'dropped':
        return dropped?.(event.bytes, event.code);
      case 'uncertain':
        return uncertain?.(event.bytes);
      case 'ended': {
        last = event;
        if (event.error === undefined) settle.resolve();
        else settle.reject(nativeError(event.error.syscall, event.error.errno));
      }
    }
  });
  if (!attached) return undefined;
  const report = (): MoveReport => last ?? mover().report(name) ?? none;
  return {
    done,
    moved: () => report().moved,
    dropped: () => report().dropped,
    side: () => (report().side === 'target' ? 'sink' : 'source'),
    settle: (callback) => {
      settled = callback;
      mover().settle(name);
    },
    stop: (rest) => {
      if (last !== undefined) return false;
      last = report();
      if (rest === 'cut') mover().detach(name);
      else mover().finish(name, { what: rest, stall: restStall });
      settle.resolve();
      return rest !== 'cut';
    },
  };
};

/** For streams whose exec was deleted, in milliseconds: as long as containerd's own shim waits for its copies then. */
const deletedStall = 2_000;

const finishing = new Set<string>();

/** The exec was deleted: of its streams only output that is owed to a reader is still moved, while the reader takes it. */
export const finishStreams = (execName: string): void => {
  // Most have ended, and nothing was ever moved in a simulated world.
  for (const name of here?.names(`${execName}/`) ?? []) {
    finishing.add(name);
    mover().finish(name, { what: 'owed', stall: deletedStall });
  }
};

/** Resolves when the streams of deleted execs have ended, or their readers have timed out. */
export const streamsFinished = async (): Promise<void> => {
  for (const name of finishing) while (here?.report(name) !== undefined) await pause(20);
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A name of an exec may be in use still, by what an earlier one of the name has left to its reader. */
const freeName = (wanted: string): string => {
  const taken = (name: string): boolean => mover().report(name) !== undefined;
  let name = wanted;
  for (let number = 2; taken(name); number += 1) name = `${wanted}#${number}`;
  return name;
};
