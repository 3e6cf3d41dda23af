/**
 * The loop of a state machine: facts go through the reducer, the new state is published, then the effects of that step
 * are subscribed to, and the facts that they emit go through the reducer again.
 *
 *     facts ──► reduce ──► state ──► scopes that were left: unsubscribe ──► changes$ ──► effects: subscribe ──► facts
 *
 * An effect is a function of the ports and the state that returns a cold Observable of facts. Effects subscribe to
 * nothing by themselves: only the loop does. Each effect has a scope, which is data: when a step leaves the scope, the
 * effects in it are unsubscribed. An effect in a scope that no step leaves runs to its own end.
 *
 * Invariants: one fact is delivered completely before the next, also when it is posted from within the delivery; so
 * subscribers see state N before any effect of state N can cause state N + 1. If the reducer returns the same state for a
 * fact, nothing happens.
 */

import { EMPTY, type Observable, Subject, throwError, type Unsubscribable } from 'rxjs';
import { Direct, type DirectObserver } from '../operators/direct.js';
import { Known } from '../operators/known.js';

/** An effect of a state: a cold Observable of facts. It never errors; a failure is a fact. */
export type Effect<Ports, State, Fact> = (ports: Ports, state: State) => Observable<Fact>;

export interface EffectRule<Scope extends string> {
  /** Until when the effect may run. */
  readonly scope: Scope;
  /** If a step asks for it while it runs: `restart` (the default) as in `switchMap`, or `ignore` as in `exhaustMap`. */
  readonly whileRunning?: 'restart' | 'ignore';
}

/** A state machine as data. One for all its instances. */
export interface Machine<Ports, State, Fact, Name extends string, Scope extends string> {
  /** Pure. Returns the very same state for a fact that means nothing there. */
  readonly reduce: (state: State, fact: Fact) => State;
  /** The effects of a step, in the order in which they are to be subscribed to. */
  readonly effectsOf: (from: State, fact: Fact, to: State) => readonly Name[];
  readonly effects: { readonly [N in Name]: Effect<Ports, State, Fact> };
  readonly rules: { readonly [N in Name]: EffectRule<Scope> };
  /** Whether the step from one state to another leaves a scope. */
  readonly leaves: (scope: Scope, from: State, to: State) => boolean;
  /** Whether a state is the last that users wait for. Default: none is. Detached effects may go on after it. */
  readonly isOver?: (state: State) => boolean;
  /** Is called with each fact and the state that it leads to, before that is published. */
  readonly observe?: (ports: Ports, fact: Fact, to: State) => void;
}

// A class, because ten thousand of these may be held at a time: methods on a prototype take no memory.
export class Loop<Ports, State, Fact, Name extends string = string, Scope extends string = string> {
  readonly ports: Ports;
  /** Every later state. Never completes: a detached effect may still cause a state after the last one. */
  readonly changes$ = new Subject<State>();
  /** Completes once a state is the last, when all subscribers of `changes$` have been notified of it. */
  readonly over$ = new Subject<never>();
  readonly #machine: Machine<Ports, State, Fact, Name, Scope>;
  #state: State;
  #delivering = false;
  #waiting: Fact[] | undefined;
  #running: RunningEffect<Fact>[] = [];

  constructor(machine: Machine<Ports, State, Fact, Name, Scope>, ports: Ports, initial: State) {
    this.#machine = machine;
    this.ports = ports;
    this.#state = initial;
    this.#endIfOver(initial);
  }

  /** The latest state. Already the new one while subscribers are notified of it. */
  get state(): State {
    return this.#state;
  }

  /** Subscribes to effects that no fact has asked for: the first ones, or those of a restored state. */
  begin(effects: readonly Name[]): void {
    this.#delivering = true;
    try {
      this.#startAll(effects);
      this.#deliverWaiting();
    } finally {
      this.#delivering = false;
    }
  }

  /** Delivers a fact at once, or right after the delivery in progress. */
  post(fact: Fact): void {
    if (this.#delivering) {
      if (this.#waiting === undefined) this.#waiting = [fact];
      else this.#waiting.push(fact);
      return;
    }
    this.#delivering = true;
    try {
      this.#step(fact);
      this.#deliverWaiting();
    } finally {
      this.#delivering = false;
    }
  }

  /** Subscribes to facts that a command causes outside of the table, within a scope. */
  run(fact$: Observable<Fact>, scope: Scope): void {
    this.#subscribe(fact$, undefined, scope);
  }

  #deliverWaiting(): void {
    while (this.#waiting !== undefined) {
      const batch = this.#waiting;
      this.#waiting = undefined;
      for (const fact of batch) this.#step(fact);
    }
  }

  #step(fact: Fact): void {
    const { reduce, effectsOf, observe } = this.#machine;
    const from = this.#state;
    const to = reduce(from, fact);
    observe?.(this.ports, fact, to);
    if (to === from) return;
    this.#state = to;
    // First, so that no effect of a scope that is over acts on the state that ends it.
    this.#leave(from, to);
    if (this.changes$.observed) this.changes$.next(to);
    this.#startAll(effectsOf(from, fact, to));
    this.#endIfOver(to);
  }

  #endIfOver(state: State): void {
    if (this.#machine.isOver?.(state) === true) this.over$.complete();
  }

  #leave(from: State, to: State): void {
    const { leaves } = this.#machine;
    const running = this.#running;
    let at = 0;
    for (let effect = running[at]; effect !== undefined; effect = running[at]) {
      if (leaves(effect.scope as Scope, from, to)) {
        // It removes itself from the list, and others that end by this as well: so from the start again.
        effect.unsubscribe();
        at = 0;
      } else at += 1;
    }
  }

  #startAll(names: readonly Name[]): void {
    const { effects, rules } = this.#machine;
    const state = this.#state;
    for (const name of names) {
      const { scope, whileRunning } = rules[name];
      const before = this.#runningAs(name);
      if (before !== undefined) {
        if (whileRunning === 'ignore') continue;
        before.unsubscribe();
      }
      this.#subscribe(effects[name](this.ports, state), name, scope);
    }
  }

  #runningAs(name: Name): RunningEffect<Fact> | undefined {
    for (const running of this.#running) if (running.name === name) return running;
    return undefined;
  }

  #subscribe(fact$: Observable<Fact>, name: Name | undefined, scope: Scope): void {
    // An effect with nothing to do returns EMPTY: not worth a subscription.
    if (fact$ === EMPTY) return;
    if (fact$ instanceof Known) return this.post(fact$.value);
    const running = new RunningEffect(this, name, scope);
    this.#running.push(running);
    running.begin(fact$);
  }

  /** For RunningEffect alone. */
  ended(running: RunningEffect<Fact>): void {
    const at = this.#running.indexOf(running);
    // The effect that ends is usually the last in the list: `pop` allocates nothing, `splice` an array of removed elements.
    if (at === this.#running.length - 1) this.#running.pop();
    else this.#running.splice(at, 1);
  }
}

interface Receiver<Fact> {
  post(fact: Fact): void;
  ended(running: RunningEffect<Fact>): void;
}

/** The loop's subscription to one effect. */
class RunningEffect<Fact> implements DirectObserver<Fact> {
  readonly #receiver: Receiver<Fact>;
  readonly name: string | undefined;
  readonly scope: string;
  #subscription: Unsubscribable | undefined;
  closed = false;

  constructor(receiver: Receiver<Fact>, name: string | undefined, scope: string) {
    this.#receiver = receiver;
    this.name = name;
    this.scope = scope;
  }

  begin(fact$: Observable<Fact>): void {
    try {
      this.#subscription = fact$ instanceof Direct ? fact$.connect(this) : fact$.subscribe(this);
    } catch (error) {
      this.error(error);
    }
    if (this.closed) this.#subscription?.unsubscribe();
  }

  next(fact: Fact): void {
    if (this.closed) return;
    try {
      this.#receiver.post(fact);
    } catch (error) {
      unhandled(error);
    }
  }

  /** An effect that errors is a defect of the effect: rxjs reports it as unhandled, and the loop goes on. */
  error(error: unknown): void {
    if (this.closed) return;
    this.unsubscribe();
    unhandled(error);
  }

  complete(): void {
    this.unsubscribe();
  }

  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.#receiver.ended(this);
    this.#subscription?.unsubscribe();
  }
}

const unhandled = (error: unknown): void => {
  throwError(() => error).subscribe();
};
