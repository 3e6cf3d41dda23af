/**
 * What each field of an exec's state decides. Without the field (it is reset after every step) the sentence about it
 * does not hold: so none can be left out of a snapshot, and none is there for nothing.
 */
import { describe, expect, it } from '@jest/globals';
import { asyncScheduler, EMPTY } from 'rxjs';
import { errorData } from '../../../src/streams/error-data.js';
import { effects } from '../../../src/streams/exec/effects/index.js';
import { exitEvent } from '../../../src/streams/exec/events.js';
import type { Fact } from '../../../src/streams/exec/state/fact.js';
import { effectsInFlight } from '../../../src/streams/exec/state/in-flight.js';
import { type EffectName, lifecycle } from '../../../src/streams/exec/state/lifecycle.js';
import { publicState } from '../../../src/streams/exec/state/public-state.js';
import { reduce } from '../../../src/streams/exec/state/reduce.js';
import { initialState, type State } from '../../../src/streams/exec/state/state.js';
import { statusFrom } from '../../../src/streams/exec/status.js';
import { unconnected } from '../../../src/streams/stdio/upstream.js';
import { somePorts, someProcess } from './some-ports.js';

const failure = errorData(new Error('no'));
const started: readonly Fact[] = [{ type: 'start' }, { type: 'launched', pid: 4711, tree: true }];
const runs: readonly Fact[] = [...started, { type: 'announced' }];
const exits: Fact = {
  type: 'processExited',
  exit: { kind: 'exited', code: 3, status: 3, at: 7, forced: false },
};
const ended: readonly Fact[] = [...runs, exits];
const drained: Fact = {
  type: 'drained',
  truncated: true,
  unread: ['stdout'],
  gaps: [{ stream: 'stdout', reason: 'no record' }],
  ioErrors: [{ stream: 'stderr', error: errorData(new Error('the sink broke')) }],
};

const ports = somePorts(asyncScheduler, { init: true, process: someProcess() });
const identity = { taskId: 't', id: 'e', bundle: '/b', upstream: unconnected };
const isIdle = (effect: EffectName, state: State): boolean => effects[effect](ports, state) === EMPTY;

interface Decision {
  readonly sentence: string;
  readonly facts: readonly Fact[];
  readonly decided: (state: State) => unknown;
  readonly is: unknown;
}

const decisions: { readonly [F in keyof State]: Decision } = {
  state: {
    sentence: 'containerd gets the coarse state of an exec that has exited',
    facts: ended,
    decided: (state) => statusFrom(identity, publicState(state)).status,
    is: 'STOPPED',
  },
  phase: {
    sentence: 'a second start has no effect',
    facts: [{ type: 'start' }],
    decided: ({ phase }) => lifecycle[phase].start,
    is: undefined,
  },
  via: {
    sentence: 'users see by which fact a state was reached',
    facts: runs,
    decided: (state) => publicState(state).via,
    is: 'announced',
  },
  pid: {
    sentence: 'the exit event names the process',
    facts: ended,
    decided: (state) => exitEvent(identity, publicState(state)),
    is: expect.objectContaining({ pid: 4711 }),
  },
  announced: {
    sentence: 'an exit event follows a start event',
    facts: ended,
    decided: (state) => exitEvent(identity, publicState(state)) !== undefined,
    is: true,
  },
  exit: {
    sentence: 'the first exit stays what it is',
    facts: [...ended, drained, { type: 'released' }],
    decided: ({ exit }) => exit,
    is: exits.exit,
  },
  ioErrors: {
    sentence: 'the outcome names the sinks that failed',
    facts: [...ended, drained],
    decided: (state) => publicState(state).ioErrors.map(({ stream }) => stream),
    is: ['stderr'],
  },
  truncated: {
    sentence: 'the outcome says that output was cut',
    facts: [...ended, drained, { type: 'released' }],
    decided: ({ truncated }) => truncated,
    is: true,
  },
  unread: {
    sentence: 'the outcome names the outputs that had no reader',
    facts: [...ended, drained, { type: 'released' }],
    decided: ({ unread }) => unread,
    is: ['stdout'],
  },
  gaps: {
    sentence: 'the outcome names the output that an adoption could not recover',
    facts: [...ended, drained, { type: 'released' }],
    decided: ({ gaps }) => gaps,
    is: [{ stream: 'stdout', reason: 'no record' }],
  },
  prepared: {
    sentence: 'the container of an init is started once',
    facts: [{ type: 'start' }, { type: 'prepared' }],
    decided: (state) => isIdle('prepare', state),
    is: true,
  },
  failure: {
    sentence:
      'a process that was killed because its start event could not be published counts as never started',
    facts: [...started, { type: 'announceFailed', failure, deadline: 9 }, exits],
    decided: ({ exit }) => exit?.kind,
    is: 'startFailed',
  },
  killPending: {
    sentence: 'the process of a container that has ended is killed as soon as the queue allows',
    facts: [...runs, { type: 'systemGone', at: 5, deadline: 9 }],
    decided: (state) => isIdle('killQueued', state),
    is: false,
  },
  killed: {
    sentence: 'a process that was killed is not killed again when it times out',
    facts: [...runs, { type: 'killSent' }],
    decided: (state) => isIdle('kill', state),
    is: true,
  },
  forcedStatus: {
    sentence: 'a process that never reports its exit has the status that ForceExit asked for',
    facts: [...runs, { type: 'forceExit', status: 42, deadline: 9 }, { type: 'timedOut', at: 9 }],
    decided: ({ exit }) => exit?.status,
    is: 42,
  },
  exitDeadline: {
    sentence: 'an exit that is expected has a deadline',
    facts: [...runs, { type: 'forceExit', status: 42, deadline: 9 }],
    decided: (state) => isIdle('expectExit', state),
    is: false,
  },
  tree: {
    sentence: 'output is not drained while the tree is being ended',
    facts: [...runs, { type: 'treeAwaited' }, exits],
    decided: (state) => isIdle('drain', state),
    is: true,
  },
  treeDeadline: {
    sentence: 'the wait for the end of a tree that was killed has a deadline',
    facts: [...runs, { type: 'treeKilled', deadline: 9 }],
    decided: (state) => isIdle('expectTree', state),
    is: false,
  },
  drained: {
    sentence: 'a restored exec that was releasing a process publishes its exit',
    facts: [...ended, drained],
    decided: effectsInFlight,
    is: expect.arrayContaining(['release']),
  },
  abandoned: {
    sentence: 'a process that was delivered too late is abandoned once',
    facts: [
      { type: 'start' },
      { type: 'forceExit', status: 1, deadline: 9 },
      { type: 'timedOut', at: 9 },
      { type: 'launched', pid: 4711, tree: false },
    ],
    decided: (state) => reduce(state, { type: 'launched', pid: 4711, tree: false }) === state,
    is: true,
  },
};

const stateAfter = (facts: readonly Fact[], without?: keyof State): State =>
  facts.reduce((state, fact) => {
    const next = reduce(state, fact);
    return without === undefined ? next : { ...next, [without]: initialState[without] };
  }, initialState);

describe.each(Object.entries(decisions))('the field %s of the state', (field, decision) => {
  const { sentence, facts, decided, is } = decision;

  it(`decides: ${sentence}`, () => {
    expect(decided(stateAfter(facts))).toEqual(is);
  });

  it('is missed when it is not there', () => {
    expect(decided(stateAfter(facts, field as keyof State))).not.toEqual(is);
  });
});

describe('the state', () => {
  it('has no field that decides nothing', () => {
    expect(new Set(Object.keys(decisions))).toEqual(new Set(Object.keys(initialState)));
  });
});
