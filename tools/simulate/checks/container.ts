/** What is asked of the container, and what is left of it. */
import { type Check, eachExec, exits, starts } from './check-of.js';

export const noneAfterInit: Check = eachExec(({ commands }, { init }) => {
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
  const published = init?.attempts.find(exits);
  if (published === undefined) return over && handedOver ? 'it was never published' : undefined;
  const before = ({ place }: { readonly place: number }): boolean => place < published.place;
  const asked = (call: string): boolean => container.asked.some((one) => one.call === call && before(one));
  if (!asked('container.close')) return 'the container was not closed';
  return (gone !== undefined && before(gone)) || asked('container.terminate')
    ? undefined
    : 'the container still ran';
};

export const removedInTheEnd: Check = ({ leaves, over, handedOver, container, init, attempts, gone }) => {
  const removed = container.answered.find(({ call, how }) => call === 'container.delete' && done(how));
  const later = container.asked.find(
    // A reader during an unpublished delete is not the task.
    ({ call, place }) =>
      removed !== undefined &&
      place > removed.place &&
      call !== 'container.delete' &&
      call !== 'container.pids',
  );
  if (later) return `${later.call} was asked at ${later.at} ms, removed at ${removed?.at} ms`;
  if (removed !== undefined && gone !== undefined && gone.place > removed.place)
    return `removed at ${removed.at} ms, gone at ${gone.at} ms`;
  if (leaves !== true || removed !== undefined) return undefined;
  const published = attempts.find(({ event, exec }) => event === 'TaskDelete' && exec === init?.id);
  if (published) return `its delete was published at ${published.at} ms, and it was not removed`;
  const asked = container.asked.filter(({ call }) => call === 'container.delete').length;
  const made = container.answered.some(({ call, how }) => call === 'container.create' && how === 'done');
  if (handedOver || !over || !made) return undefined;
  // The removal of an abandoned task cannot be retried.
  return asked === 1 ? undefined : `it was made without a caller, and its removal asked for ${asked} times`;
};

export const nothingRunsInTheEnd: Check = ({ alive = [], container, handedOver, leaves }) => {
  if (alive.length === 0) return undefined;
  const terminate = container.answered.filter(({ call }) => call === 'container.terminate');
  const unwilling = terminate.every(({ how }) => how !== 'done');
  // An engine that does not end it, and no caller that could ask again: by a delete of what the container leaves.
  const mayAskAgain = handedOver && leaves === true;
  const asked = container.asked.some(({ call }) => call === 'container.terminate');
  return asked && unwilling && !mayAskAgain ? undefined : `still running: ${alive.join(', ')}`;
};

/** What an engine says when it has done what it was asked to. */
const done = (how: string): boolean => how === 'done' || how === 'empty';

export const hostsWhenUp: Check = (log) => {
  const { container, execs } = log;
  const made = container.asked.find(({ call }) => call === 'container.create');
  const up = made ?? container.answered.find(({ call, how }) => call === 'container.start' && done(how));
  for (const { id, asked, made: processes } of execs) {
    const process =
      asked.find(({ call }) => call === 'container.createProcess') ??
      (made === undefined ? processes[0] : undefined);
    if (process !== undefined && process.place < (up?.place ?? Infinity))
      return `a process of ${id} was made at ${process.at} ms, the container was up at ${up?.at}`;
  }
  return undefined;
};

export const startedFirst: Check = ({ init, container }) => {
  const published = init?.attempts.find(starts);
  if (published === undefined) return undefined;
  const started = container.answered.some(
    ({ call, how, place }) => call === 'container.start' && done(how) && place < published.place,
  );
  return started
    ? undefined
    : `its start was published at ${published.at} ms, and its container was not started`;
};

export const shutdownBeforeTerminate: Check = ({ container, init, bounds, handedOver }) => {
  if (bounds === undefined || !handedOver) return undefined;
  const terminate = container.asked.find(({ call }) => call === 'container.terminate');
  if (terminate === undefined) return undefined;
  const { at, place } = terminate;
  const asked = container.asked.find(({ call }) => call === 'container.shutdown');
  if (asked !== undefined && asked.place < place) {
    // The effect of a request is awaited only if the request was answered.
    const answered = container.answered.some(
      (one) =>
        one.call === 'container.shutdown' && one.place < place && one.at < asked.at + bounds.closeTimeout,
    );
    if (asked.at + (answered ? bounds.endTimeout : bounds.closeTimeout) <= at) return undefined;
  }
  // An init that survives SIGKILL, or cannot be started, is ended with its container.
  const survives = init?.commands.some(
    ({ command }) =>
      ['kill', 'killAll', 'killTree'].includes(command.name) &&
      command.value === 9 &&
      command.at + bounds.endTimeout <= at,
  );
  const fails =
    init?.exit?.exit.kind === 'startFailed' ||
    init?.answered.some(
      (one) => one.call === 'container.createProcess' && !done(one.how) && one.place < place,
    ) ||
    init?.attempts.some((one) => starts(one) && one.place < place && one.at + bounds.publishTimeout >= at);
  return survives || fails
    ? undefined
    : `terminated at ${at} ms, asked at ${asked?.at} ms, with ${bounds.endTimeout} ms to do so`;
};

export const closedLast: Check = ({ container, execs, init }) => {
  const close = container.asked.find(({ call }) => call === 'container.close');
  if (close === undefined || init?.exit?.exit.kind === 'startFailed') return undefined;
  const left = execs.find(
    ({ states, released, isInit }) =>
      !isInit && (states[0]?.place ?? Infinity) < close.place && (released?.place ?? Infinity) > close.place,
  );
  return left && `closed at ${close.at} ms, ${left.id} was released at ${left.released?.at}`;
};

export const closedIsPublished: Check = ({
  init,
  attempts,
  out,
  container,
  bounds,
  handedOver,
  over,
  listens,
}) => {
  if (listens !== true || !handedOver || bounds === undefined) return undefined;
  const closed = init?.heard.filter(({ stream }) => stream === 'closed$') ?? [];
  if (closed.length !== 1) return over ? `closed$ emitted ${closed.length} times` : undefined;
  const [{ place, at }] = closed as [(typeof closed)[number]];
  if (init?.attempts.some((event) => exits(event) && event.place < place)) return undefined;
  // Others may be before it in the outbox, and are waited for no longer than an event may take.
  const open = attempts.some(
    (one) =>
      one.place < place &&
      !out.some((other) => other.event === one.event && other.exec === one.exec && other.place < place),
  );
  const close = container.asked.find(({ call }) => call === 'container.close');
  return open && close !== undefined && at >= close.at + bounds.publishTimeout
    ? undefined
    : `closed$ emitted at ${at} ms, before the exit of the init`;
};

export const survivorIsEnded: Check = ({ init, container, bounds }) => {
  if (bounds === undefined) return undefined;
  for (const { command } of init?.commands ?? []) {
    if (!['kill', 'killAll', 'killTree'].includes(command.name) || command.value !== 9) continue;
    const due = command.at + bounds.endTimeout;
    if (init?.exit !== undefined && init.exit.at <= due) continue;
    if (!container.asked.some(({ call, at }) => call === 'container.terminate' && at <= due))
      return `it was killed at ${command.at} ms, ended at ${init?.exit?.at}, and its container was left alone`;
  }
  return undefined;
};
