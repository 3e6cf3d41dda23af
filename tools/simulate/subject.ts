/**
 * What can be simulated: how its worlds are made from seeds, run, made smaller and shown. The running of many seeds, the
 * corpus and the hunt for mutants are the same for all of them.
 */
export interface Violation {
  readonly sentence: string;
  readonly what: string;
}

/** What came of a world. */
export interface Judged {
  readonly log: { readonly trace: readonly { readonly at: number }[] };
  /** The first sentence that does not hold. */
  readonly violation: Violation | undefined;
}

export interface Sized {
  readonly seed: number;
  /** Seed of the choices among what is ready at the same instant; 0 for first come, first served. */
  readonly ties: number;
  readonly events: readonly unknown[];
}

/** What a mutant's bundle offers. */
export interface Simulation<S extends Sized = Sized, J extends Judged = Judged> {
  readonly generate: (seed: number) => S;
  readonly runScenario: (scenario: S) => J | Promise<J>;
  readonly minimise: (scenario: S) => Promise<S>;
}

export interface Subject<S extends Sized, J extends Judged> extends Simulation<S, J> {
  /** The option of the command that chooses it, with a space. */
  readonly option: string;
  /** The folder of its corpus, below spec/tools/simulate. */
  readonly corpus: string;
  /** What a world is, and what is counted in it. */
  readonly words: { readonly worlds: string; readonly counted: string; readonly rate: string };
  readonly countIn: (judged: J) => number;
  readonly report: (judged: J, scenario: S) => void;
}
