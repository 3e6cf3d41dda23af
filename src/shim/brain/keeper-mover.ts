/**
 * The mover of the keeper, which continues without the brain; bytes that the kernel cannot move are copied by this process.
 *
 * A stream that an earlier brain has attached is there already: attaching it again takes it over as it is.
 */

import { RxshimError } from '../../hcs/failures/errors.js';
import type { MoveEvent, Mover } from '../../hcs/native/mover/mover.js';
import { moverHere } from '../../hcs/native/mover/mover-here.js';
import type { KeeperCommands } from './keeper-commands.js';
import type { KeeperFact, KeptMove } from './link.js';

export interface KeeperMover extends Mover {
  /** Facts about streams; others are ignored. */
  happened(fact: KeeperFact): void;
  /** Nothing will take over what an earlier brain has left: its readers get what they take of it. */
  finishLeft(): void;
}

/** How long a reader may read nothing of the output left by an earlier brain, in milliseconds. */
const leftStall = 10_000;

export const keeperMover = (commands: KeeperCommands): KeeperMover => {
  const here = moverHere();
  const there = new Map<string, (event: MoveEvent) => void>();
  const left = new Map<string, KeptMove>();

  const ended = ({ name, moved, side, error }: KeptMove): void => {
    const onEvent = there.get(name);
    there.delete(name);
    commands.detach(name);
    onEvent?.({ type: 'ended', moved, dropped: 0, side, ...(error && { error }) });
  };

  const takeOver = (move: KeptMove, onEvent: (event: MoveEvent) => void): void => {
    left.delete(move.name);
    there.set(move.name, onEvent);
    // Never before its caller has returned.
    if (move.ended) queueMicrotask(() => there.get(move.name) === onEvent && ended(move));
  };

  return {
    attach: (name, ends, onEvent) => {
      const before = left.get(name);
      if (before !== undefined) {
        takeOver(before, onEvent);
        return true;
      }
      // A finished stream sends no last event, so the keeper is asked whether it still exists.
      if (there.has(name) && commands.report(name) !== undefined)
        throw new RxshimError('alreadyExists', `stream ${name}`);
      if (!commands.attach(name, ends)) return here.attach(name, ends, onEvent);
      there.set(name, onEvent);
      return true;
    },
    settle: (name) => (there.has(name) ? commands.settle(name) : here.settle(name)),
    report: (name) => {
      if (left.has(name)) return undefined;
      if (!there.has(name)) return here.report(name);
      const found = commands.report(name);
      return found && { moved: found.moved, dropped: 0, side: found.side };
    },
    detach: (name) => {
      if (!there.delete(name)) return here.detach(name);
      commands.detach(name);
    },
    finish: (name, finish) => {
      if (!there.has(name)) return here.finish(name, finish);
      // Nothing is called back from now on, but its name is in use until it is over.
      there.set(name, () => undefined);
      commands.finish(name, finish.what === 'all', finish.stall);
    },
    names: (prefix) => [...here.names(prefix), ...commands.names(prefix)],
    finishLeft: () => {
      for (const name of left.keys()) commands.finish(name, true, leftStall);
      left.clear();
    },
    happened: (fact) => {
      if (fact.type !== 'moved') return;
      const { name, what } = fact;
      if (what === 'settled') return there.get(name)?.({ type: 'settled' });
      if (there.has(name)) return what === 'ended' ? ended(fact) : undefined;
      left.set(name, fact);
    },
  };
};
