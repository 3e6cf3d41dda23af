/**
 * The mover that runs in this process, on its event loop.
 */
import { fstatSync } from 'node:fs';
import { RxshimError } from '../../failures/errors.js';
import { isMaster } from '../descriptor/adopt.js';
import { copyToFile, isCopiedToFile } from './copy-to-file.js';
import type { Finish, MoveEnds, MoveEvent, Mover } from './mover.js';
import type { RunningMove, StartMove } from './running-move.js';
import { isSpliceable, splicePipe, spliceTerminal } from './splice.js';

interface Attached {
  readonly move: RunningMove;
  onEvent: (event: MoveEvent) => void;
  stalling?: NodeJS.Timeout;
}

export const moverHere = (): Mover => {
  const streams = new Map<string, Attached>();

  const attach: Mover['attach'] = (name, ends, onEvent) => {
    if (streams.has(name)) throw new RxshimError('alreadyExists', `stream ${name}`);
    const start = startFor(ends);
    if (start === undefined) return false;
    const attached: Attached = {
      onEvent,
      move: start(ends, (event) => {
        if (event.type === 'ended') forget(name);
        attached.onEvent(event);
      }),
    };
    streams.set(name, attached);
    return true;
  };

  const forget = (name: string): void => {
    clearInterval(streams.get(name)?.stalling);
    streams.delete(name);
  };

  const detach = (name: string): void => {
    streams.get(name)?.move.stop();
    forget(name);
  };

  const finish = (name: string, { what, stall }: Finish): void => {
    const stream = streams.get(name);
    if (stream === undefined) return;
    let seen = stream.move.report().moved;
    clearInterval(stream.stalling);
    stream.stalling = setInterval(() => {
      const { moved, side } = stream.move.report();
      if (moved === seen && side === 'target') detach(name);
      seen = moved;
    }, stall);
    stream.stalling.unref();
    stream.onEvent = ({ type }) => {
      if (type === 'settled' && what === 'owed') detach(name);
    };
    if (what === 'owed') stream.move.settle();
  };

  return {
    attach,
    detach,
    finish,
    settle: (name) => streams.get(name)?.move.settle(),
    report: (name) => streams.get(name)?.move.report(),
    names: (prefix) => [...streams.keys()].filter((name) => name.startsWith(prefix)),
  };
};

const startFor = ({ from, to }: MoveEnds): StartMove | undefined => {
  const [source, target] = [fstatSync(from), fstatSync(to)];
  if (isSpliceable(source, target)) return isMaster(source) ? spliceTerminal : splicePipe;
  return isCopiedToFile(source, target) ? copyToFile : undefined;
};
