/**
 * Each effect alone: a cold stream of facts, in virtual time. One column is a millisecond; the policies of
 * `some-ports.ts` give a publication 3 ms, closing 2 ms, an exit 4 ms and a drain 5 ms.
 */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, ignoreElements, NEVER, type Observable, of, throwError, timer } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { errorData } from '../../../src/streams/error-data.js';
import { effects } from '../../../src/streams/exec/effects/index.js';
import type { Ports } from '../../../src/streams/exec/ports.js';
import type { Fact } from '../../../src/streams/exec/state/fact.js';
import type { EffectName } from '../../../src/streams/exec/state/lifecycle.js';
import { initialState, type State } from '../../../src/streams/exec/state/state.js';
import { unconnected } from '../../../src/streams/stdio/upstream.js';
import { inMarbles } from '../../support/marbles.js';
import { acting, type Given, somePorts, someProcess } from './some-ports.js';

type Act = ReturnType<typeof acting>;
interface Tools {
  readonly act: Act;
  /** Completes after some milliseconds. */
  readonly after: (ms: number) => Observable<never>;
}

interface Case {
  readonly given?: (tools: Tools) => Given;
  readonly state?: Partial<State>;
  readonly marbles: string;
  readonly facts?: Readonly<Record<string, Fact>>;
  /** What was asked of the ports, in order. */
  readonly calls?: readonly string[];
  /** Unsubscribed then. */
  readonly until?: string;
  readonly prepare?: (ports: Ports, tools: Tools) => void;
}

const no = new Error('no');
const failure = errorData(no);
const announcing: Partial<State> = { state: 'running', phase: 'announcing', pid: 4711 };
const running: Partial<State> = { state: 'running', phase: 'running', pid: 4711, announced: true };
const exit = { kind: 'exited', code: 3, status: 3, at: 0, forced: false } as const;
const drained = { type: 'drained', truncated: false, unread: [], ioErrors: [], gaps: [] } as const;
const killing = ({ act }: Tools, more: Partial<ComputeProcess> = {}) =>
  someProcess({ kill: () => act('kill', of('delivered' as const)), ...more });
const tree = ({ act }: Tools, gone$: Observable<unknown> = NEVER): ComputeProcess['tree'] => ({
  signal: () => of('delivered'),
  kill: () => act('kill tree', of('delivered' as const)),
  gone$,
});

const cases: { readonly [E in EffectName]: Readonly<Record<string, Case>> } = {
  prepare: {
    'starts the container of an init': {
      given: ({ act, after }) => ({ init: true, system: { start: () => act('start', after(2)) } }),
      marbles: '--(p|)',
      facts: { p: { type: 'prepared' } },
      calls: ['start'],
    },
    'opens stdio that is opened at the start, and reports why it could not': {
      given: ({ act }) => ({
        upstream: {
          ...unconnected,
          open: () =>
            act(
              'open',
              throwError(() => no),
            ),
        },
      }),
      marbles: '(f|)',
      facts: { f: { type: 'launchFailed', failure, at: 0 } },
      calls: ['open'],
    },
    'has nothing to do where all is open, or was prepared before': { marbles: '|' },
    'leaves the start of a container when its phase is left': {
      given: ({ act }) => ({ init: true, system: { start: () => act('start', NEVER) } }),
      marbles: '---',
      until: '--!',
      calls: ['start', 'start is left'],
    },
  },
  launch: {
    'creates the process': {
      given: ({ act }) => ({ system: { createProcess: () => act('create', of(someProcess())) } }),
      marbles: '(l|)',
      facts: { l: { type: 'launched', pid: 4711, tree: false } },
      calls: ['create'],
    },
    'waits until what it needs is prepared': { given: () => ({ init: true }), marbles: '|' },
    'reports a process that is there already': {
      given: (tools) => ({ process: someProcess({ tree: tree(tools)! }) }),
      marbles: '(l|)',
      facts: { l: { type: 'launched', pid: 4711, tree: true } },
    },
    'undoes the start of an init that has no process': {
      given: () => ({ init: true, system: { createProcess: () => throwError(() => no) } }),
      state: { prepared: true },
      marbles: '(u|)',
      facts: { u: { type: 'undoing', failure } },
    },
  },
  abandon: {
    'kills and closes a process, whether or not that succeeds': {
      given: ({ act }) => ({
        process: someProcess({ kill: () => act('kill', NEVER), close: () => act('close', NEVER) }),
      }),
      marbles: '------|',
      calls: ['kill', 'kill is left', 'close', 'close is left'],
    },
    'leaves one that was made beforehand to the release': {
      given: () => ({ process: someProcess(), madeBeforehand: true }),
      marbles: '|',
    },
  },
  announce: {
    'publishes the start event': {
      given: ({ act, after }) => ({
        process: someProcess(),
        publish: ({ type }) => act(type, after(2)),
      }),
      state: announcing,
      marbles: '--(a|)',
      facts: { a: { type: 'announced' } },
      calls: ['TaskExecStarted'],
    },
    'times out, and has the process of an exec killed': {
      given: ({ act }) => ({ process: someProcess(), publish: ({ type }) => act(type, NEVER) }),
      state: announcing,
      marbles: '---(f|)',
      facts: {
        f: {
          type: 'announceFailed',
          deadline: 7,
          failure: {
            name: 'RxshimError',
            kind: 'unavailable',
            message: 'publishing /tasks/exec-started took too long: unavailable',
          },
        },
      },
      calls: ['TaskExecStarted', 'TaskExecStarted is left'],
    },
    'has the start of an init undone': {
      given: () => ({ init: true, process: someProcess(), publish: () => throwError(() => no) }),
      state: announcing,
      marbles: '(u|)',
      facts: { u: { type: 'undoing', failure } },
    },
    'cancels the publication when its phase is left': {
      given: ({ act }) => ({ process: someProcess(), publish: ({ type }) => act(type, NEVER) }),
      state: announcing,
      marbles: '--',
      until: '-!',
      calls: ['TaskExecStarted', 'TaskExecStarted is left'],
    },
  },
  undo: {
    'terminates and closes the container': {
      given: ({ act, after }) => ({
        init: true,
        system: { terminate: () => act('terminate', after(1)), close: () => act('close', after(1)) },
      }),
      state: { failure },
      marbles: '--(u|)',
      facts: { u: { type: 'undone', at: 2 } },
      calls: ['terminate', 'close'],
    },
    'begins no further step when its phase is left': {
      given: ({ act, after }) => ({
        system: { terminate: () => act('terminate', after(2)), close: () => act('close') },
      }),
      state: { failure },
      marbles: '---',
      until: '-!',
      calls: ['terminate', 'terminate is left'],
    },
    'has nothing to undo': { marbles: '|' },
  },
  watchSystem: {
    'reports the end of the container, with a deadline for the exit': {
      given: ({ after }) => ({ system: { exit$: after(3) } }),
      marbles: '---(g|)',
      facts: { g: { type: 'systemGone', at: 3, deadline: 7 } },
    },
  },
  watchProcess: {
    'reports the exit of the process': {
      given: () => ({ process: someProcess({ exit$: of({ kind: 'exited', code: 3 } as const) }) }),
      state: running,
      marbles: '(e|)',
      facts: { e: { type: 'processExited', exit } },
    },
    'reports as lost what an engine cannot say': {
      given: () => ({ process: someProcess({ exit$: throwError(() => no) }) }),
      state: running,
      marbles: '(e|)',
      facts: {
        e: {
          type: 'processExited',
          exit: { kind: 'lost', reason: 'no', status: 255, at: 0, forced: false },
        },
      },
    },
    'has nothing to watch without a process': { marbles: '|' },
  },
  kill: {
    'kills the process once, and says so first': {
      given: (tools) => ({ process: killing(tools) }),
      state: running,
      marbles: '(k|)',
      facts: { k: { type: 'killSent' } },
      calls: ['kill'],
    },
    'kills all that the process has started, and sets a deadline for the end of that': {
      given: (tools) => ({ process: killing(tools, { tree: tree(tools)! }) }),
      state: { ...running, tree: 'unawaited' },
      marbles: '(kt|)',
      facts: { k: { type: 'killSent' }, t: { type: 'treeKilled', deadline: 4 } },
      calls: ['kill tree'],
    },
    'does nothing when it was killed before': {
      given: (tools) => ({ process: killing(tools) }),
      state: { ...running, killed: true },
      marbles: '|',
    },
  },
  killQueued: {
    'waits for the commands that are in the queue': {
      given: (tools) => ({ process: killing(tools) }),
      state: { ...running, killPending: true },
      prepare: (ports, { after }) => void ports.enqueue(after(3)).subscribe(),
      marbles: '---(k|)',
      facts: { k: { type: 'killSent' } },
      calls: ['kill'],
    },
    'passes a queue that hangs, and finds nothing to kill yet': {
      state: { phase: 'starting', killPending: true },
      prepare: (ports) => void ports.enqueue(NEVER).subscribe(),
      marbles: '----|',
    },
    'leaves the queue with its scope': {
      given: (tools) => ({ process: killing(tools) }),
      state: { ...running, killPending: true },
      prepare: (ports, { after }) => void ports.enqueue(after(3)).subscribe(),
      marbles: '------',
      until: '--!',
      calls: [],
    },
    'has nothing to do unless a kill is pending': { state: running, marbles: '|' },
  },
  expectExit: {
    'reports that the deadline has passed': {
      given: () => ({ process: someProcess() }),
      state: { ...running, exitDeadline: 4 },
      marbles: '----(o|)',
      facts: { o: { type: 'timedOut', at: 4 } },
    },
    'says what the process had reported by then': {
      given: () => ({ process: someProcess({ exit$: of({ kind: 'exited', code: 3 } as const) }) }),
      state: { ...announcing, exitDeadline: 0 },
      marbles: '(o|)',
      facts: { o: { type: 'timedOut', at: 0, reported: exit } },
    },
    'has nothing to expect without a deadline': { marbles: '|' },
  },
  watchTree: {
    'reports the end of all that the process has started': {
      given: (tools) => ({ process: someProcess({ tree: tree(tools, tools.after(2))! }) }),
      state: { ...running, tree: 'awaited' },
      marbles: '--(g|)',
      facts: { g: { type: 'treeEnded', outcome: 'gone' } },
    },
    'does not wait for an engine that fails': {
      given: (tools) => ({
        process: someProcess({
          tree: tree(
            tools,
            throwError(() => no),
          )!,
        }),
      }),
      state: { ...running, tree: 'awaited' },
      marbles: '(t|)',
      facts: { t: { type: 'treeEnded', outcome: 'timedOut' } },
    },
    'has nothing to wait for unless it is asked to': { state: { tree: 'unawaited' }, marbles: '|' },
  },
  expectTree: {
    'reports that the deadline has passed': {
      state: { tree: 'awaited', treeDeadline: 3 },
      marbles: '---(t|)',
      facts: { t: { type: 'treeEnded', outcome: 'timedOut' } },
    },
    'has nothing to expect without a deadline': { state: { tree: 'awaited' }, marbles: '|' },
  },
  drain: {
    'has nothing to drain where nothing is copied': { marbles: '(d|)', facts: { d: drained } },
    'waits for the end of the output': {
      prepare: (ports, { after }) =>
        ports.handles.holdRelay({ through$: after(3), moved: () => 0, cut: () => true }),
      marbles: '---(d|)',
      facts: { d: drained },
    },
    'cuts what has not come in time, and closes the process before that': {
      given: ({ act }) => ({ process: someProcess({ close: () => act('close') }) }),
      prepare: (ports, { act }) =>
        ports.handles.holdRelay({
          through$: NEVER,
          moved: () => 0,
          cut: () => act('cut').subscribe().closed,
        }),
      marbles: '-----(d|)',
      facts: { d: { ...drained, truncated: true } },
      calls: ['close', 'cut'],
    },
    'waits while its tree is being ended': { state: { tree: 'awaited' }, marbles: '|' },
  },
  release: {
    'closes the process, closes the upstream and publishes the exit, in that order': {
      given: ({ act, after }) => ({
        process: someProcess({ close: () => act('close', after(1)) }),
        upstream: { ...unconnected, close: () => act('close upstream', after(1)) },
        publish: ({ type }) => act(type, after(1)),
      }),
      state: { ...running, exit },
      marbles: '---(r|)',
      facts: { r: { type: 'released' } },
      calls: ['close', 'close upstream', 'TaskExit'],
    },
    'waits for none of them longer than its timeout': {
      given: ({ act }) => ({
        process: someProcess({ close: () => act('close', NEVER) }),
        upstream: { ...unconnected, close: () => act('close upstream', NEVER) },
        publish: ({ type }) => act(type, NEVER),
      }),
      state: { ...running, exit },
      marbles: '-------(r|)',
      facts: { r: { type: 'released' } },
      calls: [
        'close',
        'close is left',
        'close upstream',
        'close upstream is left',
        'TaskExit',
        'TaskExit is left',
      ],
    },
  },
  holdQueue: {
    'holds the queue as long as its scope lasts': { state: { phase: 'releasing' }, marbles: '------' },
  },
  retire: {
    'closes the upstream, and publishes nothing': {
      given: ({ act, after }) => ({
        upstream: { ...unconnected, close: () => act('close upstream', after(1)) },
        publish: ({ type }) => act(type),
      }),
      marbles: '-(r|)',
      facts: { r: { type: 'released' } },
      calls: ['close upstream'],
    },
    'closes a process that was made beforehand': {
      given: ({ act }) => ({
        process: someProcess({ close: () => act('close') }),
        madeBeforehand: true,
        upstream: { ...unconnected, close: () => act('close upstream') },
      }),
      marbles: '(r|)',
      facts: { r: { type: 'released' } },
      calls: ['close', 'close upstream'],
    },
  },
};

describe.each(Object.entries(cases))('the effect %s', (name, ofEffect) => {
  it.each(Object.entries(ofEffect))(
    '%s',
    (_, { given, state, marbles, facts = {}, calls, until, prepare }) => {
      const asked: string[] = [];
      inMarbles(({ scheduler, expectObservable }) => {
        const tools: Tools = {
          act: acting(asked),
          after: (ms) => timer(ms, scheduler).pipe(ignoreElements()),
        };
        const ports = somePorts(scheduler, given?.(tools));
        prepare?.(ports, tools);
        const fact$ = effects[name as EffectName](ports, { ...initialState, ...state });
        // Cold: nothing is asked before the loop subscribes.
        expect(asked).toEqual([]);
        expectObservable(fact$, until).toBe(marbles, facts);
      });
      expect(asked).toEqual(calls ?? []);
    },
  );
});

describe('an effect without anything to do', () => {
  it('is EMPTY itself, which the loop does not subscribe to', () => {
    inMarbles(({ scheduler }) => {
      const ports = somePorts(scheduler);
      for (const name of [
        'prepare',
        'undo',
        'watchProcess',
        'killQueued',
        'expectExit',
        'watchTree',
      ] as const)
        expect(effects[name](ports, initialState)).toBe(EMPTY);
    });
  });
});
