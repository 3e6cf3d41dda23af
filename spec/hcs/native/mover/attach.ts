/** One stream in a mover of its own. */
import { type Finish, type MoveEvent, moverHere } from '../../../../src/hcs/native/index.js';

export const attach = (from: number, to: number) => {
  const mover = moverHere();
  const events: MoveEvent[] = [];
  const ended = new Promise<MoveEvent>((resolve, reject) => {
    const attached = mover.attach('stream', { from, to }, (event) => {
      if (event.type === 'ended') resolve(event);
      else events.push(event);
    });
    if (!attached) reject(new Error('not attached'));
  });
  return {
    ended,
    /** All but the end. */
    events,
    report: () => mover.report('stream'),
    settle: () => mover.settle('stream'),
    detach: () => mover.detach('stream'),
    finish: (how: Finish) => mover.finish('stream', how),
  };
};

export const tryAttach = (from: number, to: number): boolean => {
  const mover = moverHere();
  const attached = mover.attach('stream', { from, to }, () => undefined);
  mover.detach('stream');
  return attached;
};
