/**
 * What should be known of the events, what each shim handed over, and what containerd's stream delivered; and the verdict.
 *
 * Each event of a container must be delivered once, and in order. A restart of containerd may lose what it had taken
 * and not yet published, and may cut the answer to an event, which the shim then rightly sends again; so it does when
 * containerd takes longer to answer than shims wait. These are counted apart, and only where that explains them.
 */
import type { Answer } from './gate.js';

/** `exit`, or `exit EXEC`. */
export type EventName = string;

export interface Verdict {
  readonly expected: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly misordered: readonly string[];
  /** Exits that report another status than the process ended with. */
  readonly wrongStatus: readonly string[];
  /** Taken by a containerd that was ended before it published them. */
  readonly lostByRestart: number;
  /** Sent again since a restart cut the answer to the first, or since containerd had not answered it yet. */
  readonly repeated: number;
  /** Ends that containerd published once more by itself: it cleans up after a shim that it does not find at its start. */
  readonly byContainerd: number;
}

export interface Ledger {
  /** An event of this container is to come; an exit with this status. */
  expect(id: string, event: EventName, status?: number): void;
  /** Of this container not everything need come: a restart cut its creation. */
  waive(id: string): void;
  /** `took` milliseconds until the answer. */
  forwarded(id: string, event: EventName, answer: Answer, took?: number): void;
  heard(id: string, event: EventName, status?: number): void;
  /** containerd is about to be ended. */
  restarts(): void;
  /** Whether everything that is expected was heard. */
  isComplete(): boolean;
  judge(isJudged: (id: string) => boolean): Verdict;
}

interface Attempt {
  readonly answer: Answer;
  readonly at: number;
  readonly took: number;
}

interface Life {
  readonly expected: Map<EventName, number | undefined>;
  readonly heard: EventName[];
  readonly statuses: Map<EventName, number>;
  readonly answers: Map<EventName, Attempt[]>;
  waived: boolean;
}

/** How long containerd may need to publish an event that it has taken, in milliseconds. */
const publishing = 2_000;

/** Deletes of execs are published by this shim alone: they are welcome and not required. */
const optional = /^delete ./;

/** What containerd publishes of a container whose shim it does not find, and how close to its restart, in milliseconds. */
const cleansUp = /^(exit|delete)$/;
const cleaningUp = 30_000;

export const ledger = (now: () => number = () => performance.now()): Ledger => {
  const lives = new Map<string, Life>();
  const restarts: number[] = [];
  const lifeOf = (id: string): Life => {
    const life = lives.get(id) ?? {
      expected: new Map(),
      heard: [],
      statuses: new Map(),
      answers: new Map(),
      waived: false,
    };
    lives.set(id, life);
    return life;
  };
  const wasCutShort = (at: number): boolean =>
    restarts.some((restart) => restart >= at && restart - at < publishing);

  const isNearRestart = (at: number): boolean =>
    restarts.some((restart) => Math.abs(restart - at) < cleaningUp);

  const judgeEvent = (verdict: Mutable, id: string, life: Life, event: EventName): void => {
    const name = `${id}: ${event}`;
    const answers = life.answers.get(event) ?? [];
    const taken = answers.filter(({ answer }) => answer === 'taken');
    const cut = answers.filter(({ answer }) => answer === 'cut').length;
    const heard = life.heard.filter((each) => each === event).length;
    const isWanted = life.expected.has(event);
    if (heard === 0 && isWanted && !life.waived) {
      if (taken.some(({ at }) => wasCutShort(at))) verdict.lostByRestart += 1;
      else verdict.lost.push(taken.length > 0 ? `${name} (containerd took it)` : `${name} (not handed over)`);
    }
    if (!isWanted && !life.waived && !optional.test(event)) verdict.duplicated.push(`${name} (unexpected)`);
    const [wanted, reported] = [life.expected.get(event), life.statuses.get(event)];
    if (wanted !== undefined && reported !== undefined && wanted !== reported)
      verdict.wrongStatus.push(`${name} reports ${reported}, not ${wanted}`);
    const late = taken.slice(1).filter((attempt, at) => isUnanswered(taken[at], attempt)).length;
    if (taken.length > 1 + late)
      verdict.duplicated.push(`${name} (handed over: ${answers.map(attemptText).join(', ')})`);
    else if (heard > 1 && heard <= 1 + cut + late) verdict.repeated += 1;
    else if (heard > 1 && cleansUp.test(event) && taken.every(({ at }) => isNearRestart(at)))
      verdict.byContainerd += 1;
    else if (heard > 1) verdict.duplicated.push(`${name} (published ${heard} times)`);
  };

  /** With the last restart before it: many faults come with one. */
  const attemptText = ({ answer, at, took }: Attempt): string => {
    const restart = restarts.filter((each) => each <= at).at(-1);
    const since = restart === undefined ? '' : `, ${Math.round(at - restart)} ms after a restart`;
    return `${answer} after ${Math.round(took)} ms${since}`;
  };

  return {
    expect: (id, event, status) => void lifeOf(id).expected.set(event, status),
    waive: (id) => {
      lifeOf(id).waived = true;
    },
    forwarded: (id, event, answer, took = 0) => {
      const { answers } = lifeOf(id);
      answers.set(event, [...(answers.get(event) ?? []), { answer, at: now(), took }]);
    },
    heard: (id, event, status) => {
      const life = lifeOf(id);
      life.heard.push(event);
      if (status !== undefined) life.statuses.set(event, status);
    },
    restarts: () => void restarts.push(now()),
    isComplete: () =>
      [...lives.values()].every(
        ({ expected, heard, waived }) =>
          waived || [...expected.keys()].every((event) => heard.includes(event)),
      ),
    judge: (isJudged) => {
      const verdict: Mutable = {
        expected: 0,
        lost: [],
        duplicated: [],
        misordered: [],
        wrongStatus: [],
        lostByRestart: 0,
        repeated: 0,
        byContainerd: 0,
      };
      for (const [id, life] of lives) {
        if (!isJudged(id)) continue;
        verdict.expected += life.waived ? 0 : life.expected.size;
        const events = new Set([...life.expected.keys(), ...life.heard, ...life.answers.keys()]);
        for (const event of events) judgeEvent(verdict, id, life, event);
        const wrong = misplaced(life.heard);
        if (wrong !== undefined) verdict.misordered.push(`${id}: ${wrong}`);
      }
      return verdict;
    },
  };
};

type Mutable = { -readonly [Key in keyof Verdict]: Verdict[Key] extends number ? number : string[] };

/** Whether the first attempt had no answer yet when the second one was made. */
const isUnanswered = (first: Attempt | undefined, second: Attempt): boolean =>
  first !== undefined && second.at - second.took < first.at;

const stages: readonly string[] = ['create', 'exec-added', 'start', 'exec-started', 'exit', 'delete'];

/** The first event that came out of order among the events of one container, and after which. */
const misplaced = (heard: readonly EventName[]): string | undefined => {
  const first = [...new Set(heard)];
  const reached = new Map<string, { stage: number; event: EventName }>();
  for (const event of first) {
    const [kind = '', exec = ''] = event.split(' ');
    const stage = stages.indexOf(kind);
    const before = reached.get(exec);
    if (before !== undefined && before.stage > stage) return `${event} after ${before.event}`;
    reached.set(exec, { stage, event });
    const init = reached.get('');
    // The exit of the init is the last exit of its container.
    if (exec !== '' && kind !== 'delete' && (init?.stage ?? 0) >= stages.indexOf('exit'))
      return `${event} after ${init?.event}`;
  }
  return undefined;
};
