/** What is asked of the container, and what is left of it. */
import { type Check, eachExec, exits } from './check-of.js';

export const nobodyAfterInit: Check = eachExec(({ commands }, { init }) => {
  const late = commands.find(
    ({ command, answers }) =>
      command.name === 'add' &&
      answers[0]?.how === 'done' &&
      init?.exit !== undefined &&
      init.exit.place < command.place,
  );
  return late && `it was added at ${late.command.at} ms, the init exited at ${init?.exit?.at} ms`;
});

export const containerEnds: Check = ({ init, gone, container, handedOver, over }) => {
  const told = init?.attempts.find(exits);
  if (told === undefined) return over && handedOver ? 'it was never told' : undefined;
  const before = ({ place }: { readonly place: number }): boolean => place < told.place;
  const asked = (call: string): boolean => container.asked.some((one) => one.call === call && before(one));
  if (!asked('container.close')) return 'the container was not closed';
  return (gone !== undefined && before(gone)) || asked('container.terminate')
    ? undefined
    : 'the container still ran';
};

export const removedInTheEnd: Check = ({ leaves, over, handedOver, container, init, attempts, gone }) => {
  const removed = container.answered.find(
    ({ call, how }) => call === 'container.delete' && (how === 'done' || how === 'empty'),
  );
  const later = container.asked.find(
    ({ call, place }) => call !== 'container.delete' && removed !== undefined && place > removed.place,
  );
  if (later) return `${later.call} was asked at ${later.at} ms, removed at ${removed?.at} ms`;
  if (removed !== undefined && gone !== undefined && gone.place > removed.place)
    return `removed at ${removed.at} ms, gone at ${gone.at} ms`;
  if (leaves !== true || removed !== undefined) return undefined;
  const told = attempts.find(({ event, exec }) => event === 'TaskDelete' && exec === init?.id);
  if (told) return `its delete was told at ${told.at} ms, and it was not removed`;
  const asked = container.asked.filter(({ call }) => call === 'container.delete').length;
  const made = container.answered.some(({ call, how }) => call === 'container.create' && how === 'done');
  if (handedOver || !over || !made) return undefined;
  // Of a task that nobody has nobody can try it again.
  return asked === 1 ? undefined : `it was made for nobody, and its removal asked for ${asked} times`;
};

export const nothingRunsInTheEnd: Check = ({ alive = [], container, handedOver, leaves }) => {
  if (alive.length === 0) return undefined;
  const terminate = container.answered.filter(({ call }) => call === 'container.terminate');
  const unwilling = terminate.every(({ how }) => how !== 'done');
  // An engine that does not end it, and nobody who could ask again: by a delete of what the container leaves.
  const mayAskAgain = handedOver && leaves === true;
  const asked = container.asked.some(({ call }) => call === 'container.terminate');
  return asked && unwilling && !mayAskAgain ? undefined : `still running: ${alive.join(', ')}`;
};
