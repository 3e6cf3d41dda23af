/** A program in a terminal, typed to and read as by a user. */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import {
  descriptorSink,
  descriptorSource,
  duplicate,
  openTerminal,
  resizeTerminal,
} from '../../../src/hcs/native/index.js';

/** A program in a terminal of its own, typed to and read like a user does. */
export const inTerminal = (command: readonly string[]) => {
  const { master, path } = openTerminal({ width: 90, height: 30 });
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: [slave, slave, slave], detached: true });
  closeSync(slave);
  const input = descriptorSink(duplicate(master));
  const output = descriptorSource(duplicate(master))[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let text = '';
  return {
    ended,
    child,
    type: (keys: string) => input.write(Buffer.from(keys)),
    reads: async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(text)) {
        const { done, value } = await output.next();
        if (done) throw new Error(`ended before ${pattern}: ${text}`);
        text += Buffer.from(value as Uint8Array).toString();
      }
      const seen = text;
      text = '';
      return seen;
    },
    resize: (width: number, height: number) => {
      resizeTerminal(master, { width, height });
      child.kill('SIGWINCH');
    },
    close: () => {
      input.close();
      void output.return?.();
      closeSync(master);
    },
  };
};
