/**
 * The mover of the keeper, which goes on without the brain; what the kernel cannot move, this process copies.
 */

import { RxshimError } from '../../hcs/failures/errors.js';
import type { MoveEvent, Mover } from '../../hcs/native/mover/mover.js';
import { moverHere } from '../../hcs/native/mover/mover-here.js';
import type { KeeperCommands } from './keeper-commands.js';
import type { KeeperFact } from './link.js';

export interface KeeperMover extends Mover {
  /** Facts about streams; others are passed over. */
  happened(fact: KeeperFact): void;
}

export const keeperMover = (commands: KeeperCommands): KeeperMover => {
  const here = moverHere();
  const there = new Map<string, (event: MoveEvent) => void>();

  return {
    attach: (name, ends, onEvent) => {
      // One that was finished is over without a word.
      if (there.has(name) && commands.report(name) !== undefined)
        throw new RxshimError('alreadyExists', `stream ${name}`);
      if (!commands.attach(name, ends)) return here.attach(name, ends, onEvent);
      there.set(name, onEvent);
      return true;
    },
    settle: (name) => (there.has(name) ? commands.settle(name) : here.settle(name)),
    report: (name) => {
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
    happened: (fact) => {
      if (fact.type !== 'moved') return;
      const { name, what, moved, side, error } = fact;
      const onEvent = there.get(name);
      if (what === 'settled') return onEvent?.({ type: 'settled' });
      if (what !== 'ended') return;
      there.delete(name);
      commands.detach(name);
      onEvent?.({ type: 'ended', moved, dropped: 0, side, ...(error && { error }) });
    },
  };
};
