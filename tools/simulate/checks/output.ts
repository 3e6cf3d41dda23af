/** Output, its drain, and what is closed after it. */
import type { DrainPolicy } from '../../../src/streams/policies.js';
import { drainBound } from '../scenario.js';
import { type Check, eachExec } from './check-of.js';

export const drainedInTime: Check = eachExec(({ states, exit, through, treeBegan }, { bounds }) => {
  // What else is being ended of a tree has its time before the drain has its own: see trees.ts.
  if (treeBegan.length > 0) return undefined;
  const drained = states.find(({ via }) => via === 'drained');
  if (bounds === undefined || exit === undefined || drained === undefined) return undefined;
  const waited = drained.at - exit.at;
  if (waited > drainBound(bounds.drain))
    return `drained ${waited} ms after the exit, with a cap of ${bounds.drain.cap}`;
  if (drained.truncated) {
    return bounds.drain.idle === undefined && owesNothing(bounds.drain) && waited !== bounds.drain.cap
      ? `cut after ${waited} ms`
      : undefined;
  }
  const due = Math.max(exit.at, through[0]?.at ?? exit.at);
  return drained.at === due ? undefined : `drained at ${drained.at} ms, its output was through at ${due} ms`;
});

const owesNothing = ({ stall = 0 }: DrainPolicy): boolean => stall === 0;

export const outputComesFirst: Check = eachExec(({ states, through }, { bounds }) => {
  const releasing = states.find(({ phase }) => phase === 'releasing');
  // An init whose start could not be published ends with its container: its output is not awaited.
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

export const silenceIsCut: Check = eachExec(({ id, states, exit, treeBegan }, { bounds, flowing }) => {
  if (treeBegan.length > 0) return undefined;
  const drained = states.find(({ via }) => via === 'drained');
  if (bounds === undefined || flowing === undefined || exit === undefined || !drained?.truncated)
    return undefined;
  const { cap, idle = cap } = bounds.drain;
  const due = flowing.has(id) ? cap : Math.min(cap, idle);
  const waited = drained.at - exit.at;
  return waited === due ? undefined : `cut after ${waited} ms, due after ${due}`;
});

/** The source of these worlds gives two chunks, and has ended after this. */
const inputTakes = 4;

export const inputArrives: Check = eachExec(({ id, fed, took, asked, exit, commands }, { inputs }) => {
  if (inputs === undefined) return undefined;
  const wrong = took.findIndex((chunk, at) => chunk !== fed[at]);
  if (wrong >= 0) return `chunk ${took[wrong]} was taken in the place of ${fed[wrong]}`;
  const closes = asked.filter(({ call }) => call === 'process.closeStdin');
  if (closes.length > 1) return `its input was ended ${closes.length} times`;
  const input = inputs.get(id);
  const relay = asked.find(({ call }) => call === 'relay.start');
  if (input === undefined || relay === undefined) return undefined;
  const endedBy = ({ at }: { readonly at: number }): boolean => closes.some((close) => close.at <= at);
  const wanted = commands.find(({ command }) => command.name === 'closeIo')?.command;
  if (wanted !== undefined) {
    const ran = wanted.place > relay.place && (exit?.at ?? Infinity) > wanted.at;
    return ran && !endedBy(wanted)
      ? `the end of its input was not delivered, requested at ${wanted.at} ms`
      : undefined;
  }
  const due = relay.at + inputTakes;
  if ((exit?.at ?? Infinity) <= due) return undefined;
  if (took.length < 2) return `${took.length} of 2 chunks of input were taken`;
  return input === 'ends' && !endedBy({ at: due }) ? 'the end of its input was not delivered' : undefined;
});

export const wholeIsRead: Check = eachExec(({ asked, through, states }, { inputs }) => {
  // Only of worlds with bytes.
  if (inputs === undefined || !asked.some(({ call }) => call === 'relay.start')) return undefined;
  const releasing = states.find(({ via }) => via === 'drained');
  if (releasing === undefined || releasing.truncated) return undefined;
  return through.some(({ place }) => place < releasing.place)
    ? undefined
    : 'it is not said that its output was cut, which was not read to its end';
});

export const flowsOn: Check = eachExec(
  ({ id, states, exit, deliveredAt, treeBegan }, { bounds, inputs, sinks }) => {
    // What a loop reads may have come long before.
    if (treeBegan.length > 0 || sinks?.get(id) === 'loop') return undefined;
    const drained = states.find(({ via }) => via === 'drained');
    const idle = bounds?.drain.idle;
    if (inputs === undefined || bounds === undefined || idle === undefined || !drained?.truncated)
      return undefined;
    if (exit === undefined || drained.at - exit.at >= bounds.drain.cap) return undefined;
    const last = deliveredAt.filter((at) => at < drained.at).at(-1) ?? 0;
    return last > drained.at - idle && last > exit.at
      ? `cut at ${drained.at} ms, though a chunk was delivered at ${last}`
      : undefined;
  },
);

export const cutOnce: Check = eachExec(({ asked, states }) => {
  const drained = states.find(({ via }) => via === 'drained');
  if (drained === undefined || !asked.some(({ call }) => call === 'relay.start')) return undefined;
  const [cut, again] = asked.filter(({ call }) => call === 'relay.cut');
  if (again !== undefined) return `its relay was cut again at ${again.at} ms`;
  if (cut === undefined) return drained.truncated ? 'its output is said to be cut, and was not' : undefined;
  // It ends the reads that are pending.
  const closed = asked.find(({ call, place }) => call === 'process.close' && place < cut.place);
  return closed === undefined
    ? `its relay was cut at ${cut.at} ms, before its process was closed`
    : undefined;
});

export const failuresAreReported: Check = eachExec(({ states, ioFailed, released }) => {
  const drained = states.find(({ via }) => via === 'drained');
  if (drained === undefined) return undefined;
  const reported = drained.ioErrors ?? [];
  const missing = ioFailed.find(({ at, stream }) => at < drained.at && !reported.includes(stream));
  if (missing !== undefined) return `its ${missing.stream} failed at ${missing.at} ms, which is not said`;
  // A sink that has not answered when it is cut is one that failed.
  const made = reported.find(
    (name) => !ioFailed.some(({ stream }) => stream === name) && !(drained.truncated && name === 'stdout'),
  );
  if (made !== undefined) return `its ${made} is said to have failed, and did not`;
  if (new Set(reported).size !== reported.length) return `its ${reported.join(', ')} are said to have failed`;
  return released !== undefined && `${released.ioErrors ?? ''}` !== `${reported}`
    ? `${released.ioErrors ?? 'nothing'} is said to have failed by the release, ${reported} by the drain`
    : undefined;
});

/** Sinks take it before the drain is over; a loop may go on after the release. */
export const owedIsDelivered: Check = eachExec(
  ({ id, states, asked, exit, wroteAt, delivered, deliveredAt, readerDone }, { bounds, sinks, over }) => {
    const sink = sinks?.get(id);
    const drained = states.find(({ via }) => via === 'drained');
    if (bounds === undefined || drained === undefined || exit === undefined || !over) return undefined;
    if (sink === undefined || sink === 'stalls' || sink === 'breaks') return undefined;
    if (!asked.some(({ call }) => call === 'relay.start')) return undefined;
    // Where nothing is owed to a sink, a loop is still kept what was in the pipe when it was read.
    if (owesNothing(bounds.drain)) return undefined;
    if (sink === 'loop' && readerDone.length === 0) return undefined;
    const owed = wroteAt.filter((place) => place < exit.place).length;
    const taken = sink === 'loop' ? delivered.length : deliveredAt.filter((at) => at <= drained.at).length;
    return taken < owed
      ? `${taken} of ${owed} chunks were taken that were written before the exit`
      : undefined;
  },
);

export const readersHearOfCuts: Check = eachExec(
  ({ id, asked, states, released, readerDone }, { sinks, over }) => {
    if (sinks?.get(id) !== 'loop' || released === undefined || !over) return undefined;
    const [done, again] = readerDone;
    if (again !== undefined) return 'its reader was done twice';
    const ran = asked.some(({ call }) => call === 'relay.start');
    if (!ran) return done === undefined || done.how === 'ended' ? undefined : `its reader got ${done.how}`;
    // Without a loop where its stdio was opened with its start.
    if (done === undefined) return undefined;
    const drained = states.find(({ via }) => via === 'drained');
    if (drained === undefined) return undefined;
    const due = drained.truncated ? 'truncated' : 'ended';
    return done.how === due ? undefined : `its reader was notified that it ${done.how}, and not ${due}`;
  },
);
