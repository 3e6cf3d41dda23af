/** Output, its drain, and what is closed after it. */
import { type Check, eachExec } from './check-of.js';

export const drainedInTime: Check = eachExec(({ states, exit, through }, { bounds }) => {
  const drained = states.find(({ via }) => via === 'drained');
  if (bounds === undefined || exit === undefined || drained === undefined) return undefined;
  const waited = drained.at - exit.at;
  if (waited > bounds.drain.cap)
    return `drained ${waited} ms after the exit, with a cap of ${bounds.drain.cap}`;
  if (drained.truncated) {
    return bounds.drain.idle === undefined && waited !== bounds.drain.cap
      ? `cut after ${waited} ms`
      : undefined;
  }
  const due = Math.max(exit.at, through[0]?.at ?? exit.at);
  return drained.at === due ? undefined : `drained at ${drained.at} ms, its output was through at ${due} ms`;
});

export const outputComesFirst: Check = eachExec(({ states, through }, { bounds }) => {
  const releasing = states.find(({ phase }) => phase === 'releasing');
  // An init whose start could not be told goes with its container: its output is not waited for.
  if (bounds === undefined || releasing?.via !== 'drained') return undefined;
  const [end] = through;
  return end !== undefined && end.place > releasing.place && !releasing.truncated
    ? `its output was through at ${end.at} ms, released from ${releasing.at} ms on`
    : undefined;
});

export const wholeAndInOrder: Check = eachExec(({ wrote, delivered, released, through }) => {
  const wrong = delivered.findIndex((chunk, at) => chunk !== wrote[at]);
  if (wrong >= 0) return `chunk ${delivered[wrong]} was delivered in the place of ${wrote[wrong]}`;
  const [end] = through;
  const whole =
    released?.truncated === false &&
    end?.brokenOff !== true &&
    end !== undefined &&
    end.place < released.place;
  return whole && delivered.length < wrote.length
    ? `${delivered.length} of ${wrote.length} chunks were delivered`
    : undefined;
});

export const ownBudgets: Check = eachExec(({ asked, answered, released }, { bounds }) => {
  if (bounds === undefined || released === undefined || released.via !== 'released') return undefined;
  const close = asked
    .filter(({ call, pid }) => call === 'process.close' && pid === released.pid && pid !== 0)
    .at(-1);
  if (close === undefined || close.place > released.place) return undefined;
  const answer = answered.some(
    (one) => one.call === 'process.close' && one.place < released.place && one.place > close.place,
  );
  const given = released.at - close.at;
  return !answer && given < bounds.closeTimeout
    ? `closing was given ${given} ms of ${bounds.closeTimeout}`
    : undefined;
});

export const upstreamIsClosed: Check = eachExec(({ asked, states, released }) => {
  if (released === undefined || !asked.some(({ call }) => call === 'relay.start')) return undefined;
  const closed = asked.filter(({ call }) => call === 'upstream.close');
  if (closed.length !== 1) return `its upstream was closed ${closed.length} times`;
  const releasing = states.find(({ phase }) => phase === 'releasing');
  const [{ place, at }] = closed as [(typeof closed)[number]];
  return place < (releasing?.place ?? 0) || place > released.place
    ? `its upstream was closed at ${at} ms, released from ${releasing?.at} to ${released.at}`
    : undefined;
});

export const silenceIsCut: Check = eachExec(({ id, states, exit }, { bounds, flowing }) => {
  const drained = states.find(({ via }) => via === 'drained');
  if (bounds === undefined || flowing === undefined || exit === undefined || !drained?.truncated)
    return undefined;
  const { cap, idle = cap } = bounds.drain;
  const due = flowing.has(id) ? cap : Math.min(cap, idle);
  const waited = drained.at - exit.at;
  return waited === due ? undefined : `cut after ${waited} ms, due after ${due}`;
});
