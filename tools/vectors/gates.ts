/**
 * Calls that wait until they are released. A gate opens for good at its last release; an earlier one lets through what
 * waits at that moment.
 */
import { EMPTY, type Observable, Subject } from 'rxjs';

export interface Gates {
  /** Completes when the gate is open: at once where there is none. */
  pass(name: string): Observable<never>;
  release(name: string): void;
}

/**
 * @param names the gates there are, all shut.
 * @param releases the names of all releases to come, in order.
 */
export const shutGates = (names: readonly string[], releases: readonly string[]): Gates => {
  const shut = new Map(names.map((name) => [name, new Subject<never>()] as const));
  const left = new Map(names.map((name) => [name, releases.filter((other) => other === name).length]));
  return {
    pass: (name) => shut.get(name) ?? EMPTY,
    release: (name) => {
      const gate = shut.get(name);
      if (gate === undefined) throw new Error(`there is no shut gate ${name} to release`);
      const more = (left.get(name) ?? 1) - 1;
      left.set(name, more);
      if (more > 0) shut.set(name, new Subject<never>());
      else shut.delete(name);
      gate.complete();
    },
  };
};
