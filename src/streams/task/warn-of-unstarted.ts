/**
 * A warning when the program ends well and execs were created and never started: most often a command that was neither
 * awaited nor subscribed to. Costs an entry for each task that is open.
 */
import { writeSync } from 'node:fs';
import type { Exec } from '../exec/interface.js';

interface OpenTask {
  readonly options: { readonly id: string };
  readonly init: Exec;
  readonly execs: ReadonlyMap<string, Exec | undefined>;
}

const open = new Set<OpenTask>();
let listens = false;

/** Returns a function that ends the watch. */
export const warnOfUnstarted = (task: OpenTask): (() => void) => {
  open.add(task);
  if (!listens) {
    listens = true;
    process.once('exit', warn);
  }
  return () => open.delete(task);
};

/** Node's exit code if the program awaits something that will never settle, such as an exec that was not started. */
const unsettledAwait = 13;

const warn = (code: number): void => {
  if (code !== 0 && code !== unsettledAwait) return;
  for (const { options, init, execs } of open) {
    for (const exec of [init, ...execs.values()]) {
      if (exec?.state !== 'created') continue;
      const name = exec === init ? `the init of task ${options.id}` : `exec ${exec.id} of task ${options.id}`;
      say(
        `rxshim: ${name} was created and never started: start() does nothing until it is awaited or subscribed to`,
      );
    }
  }
};

const say = (line: string): void => {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nothing reads it.
  }
};
