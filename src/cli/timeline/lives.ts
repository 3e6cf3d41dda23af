/**
 * Folds facts into lives: for each exec what its marble line shows. Pure; execs are in the order of their first fact.
 */
import type { ExecExit } from '../../index.js';
import type { Fact } from './facts.js';

export type MarkKind = 'created' | 'running' | 'resized' | 'asked' | 'exited' | 'drained' | 'released';

/** A marble. */
export interface Mark {
  readonly at: number;
  readonly kind: MarkKind;
}

export interface Life {
  readonly exec: string;
  readonly marks: readonly Mark[];
  /** 0 until there is a process. */
  readonly pid: number;
  readonly exit: ExecExit | undefined;
  readonly truncated: boolean;
}

export type Lives = readonly Life[];

export const noLives: Lives = [];

/** A reducer for `scan`. */
export const live = (lives: Lives, fact: Fact): Lives => {
  if (fact.kind === 'event') return lives;
  const known = lives.find(({ exec }) => exec === fact.exec);
  const next = step(known ?? { ...unborn, exec: fact.exec }, fact);
  if (next === known) return lives;
  return known ? lives.map((life) => (life === known ? next : life)) : [...lives, next];
};

/** When it first reached a milestone. */
export const timeOf = ({ marks }: Life, kind: MarkKind): number | undefined =>
  marks.find((mark) => mark.kind === kind)?.at;

const unborn: Omit<Life, 'exec'> = { marks: [], pid: 0, exit: undefined, truncated: false };

const step = (life: Life, fact: Exclude<Fact, { kind: 'event' }>): Life => {
  const mark = (kind: MarkKind): Pick<Life, 'marks'> => ({ marks: [...life.marks, { at: fact.at, kind }] });
  switch (fact.kind) {
    case 'state': {
      const { phase, via, pid } = fact.state;
      if (via === 'forceExit') return { ...life, ...mark('asked') };
      const isMilestone = phase === 'created' || phase === 'running';
      return { ...life, ...(isMilestone && mark(phase)), pid };
    }
    case 'asked':
      return { ...life, ...mark(fact.to === 'stop' ? 'asked' : 'resized') };
    case 'exit':
      return { ...life, ...mark('exited'), exit: fact.exit };
    case 'drained':
      return { ...life, ...mark('drained'), truncated: fact.truncated };
    case 'released':
      return { ...life, ...mark('released') };
  }
};
