/**
 * A person at a real terminal: a shell with job control on a pseudo-terminal of its own, to which lines and keys are typed.
 */
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import { create, init, inSystem, text, until } from '../hcs/local/on-this-host.js';
import { main, shell } from './rxshim.js';

const size = { width: 100, height: 30 };

/** Types a command line to a shell that has a terminal, as a person would. */
export const inTerminal = (test: (person: Person) => Promise<void>): Promise<void> =>
  inSystem(async (system) => {
    await init(system);
    const terminal = { terminal: true, consoleSize: size };
    // Without echo and line editing, so that what is read is what was written.
    const person = await create(system, {
      args: ['sh', '-c', 'stty -echo; echo at home; exec sh'],
      ...terminal,
    });
    await until(person.stdio.stdout, /at home/);
    await test({
      process: person,
      type: (keys) => person.stdio.stdin!.write(Buffer.from(keys)),
      sees: (pattern) => orReport(pattern, until(person.stdio.stdout, pattern)),
      leave: async () => {
        await person.stdio.stdin!.write(Buffer.from('exit\n'));
        const rest = await text(person.stdio.stdout);
        await firstValueFrom(person.exit$);
        return rest;
      },
    });
  });

/** What never comes must not keep the system, and with it the whole run, from its end. Less than a spec has. */
const orReport = <T>(pattern: RegExp, seen: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`never seen: ${pattern}`)), 45_000);
    seen.then(resolve, reject).finally(() => clearTimeout(timer));
  });

export interface Person {
  readonly process: ComputeProcess;
  type(keys: string): Promise<void>;
  sees(pattern: RegExp): Promise<string>;
  leave(): Promise<string>;
}

/** `rxshim ARGS` as it is typed, for a person who wants to know how it ended. */
export const line = (args: readonly string[]): string => `${typed(args)}; echo code $?\n`;

/** `rxshim ARGS` as a shell takes it. */
export const typed = (args: readonly string[]): string =>
  [process.execPath, main, ...args].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ');

/** `rxshim run -t … -- sh -c SCRIPT` */
export const withTerminal = (script: string, ...options: string[]) => line(shell(script, '-t', ...options));
