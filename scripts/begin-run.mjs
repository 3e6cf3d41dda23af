/**
 * Marks everything that a run of specs or of a tool starts from now on, and has it removed when the run is over, however
 * it ends: also when it is interrupted or killed. What does that is a process of its own, janitor.mjs, which reads a pipe
 * that the run holds open.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

// Holds for this file, and for a tool that is bundled with it.
const janitorFile = fileURLToPath(new URL('../scripts/janitor.mjs', import.meta.url));

/** Answers how to end the run: that resolves with what the run has left, in words, when it is removed. */
export function beginRun() {
  const word = `rxspec-${randomBytes(3).toString('hex')}`;
  const folder = join(tmpdir(), word);
  mkdirSync(folder);
  const janitor = spawn(process.execPath, [janitorFile, word, folder], {
    // An interrupt of the terminal is not for it.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  process.env['RXSHIM_RUN'] = word;
  process.env['TMPDIR'] = folder;
  // A run that has nothing else to do ends, and the janitor sees it.
  janitor.unref();
  const { stdin, stdout } = janitor;
  for (const pipe of [stdin, stdout]) /** @type {import('node:net').Socket} */ (pipe).unref();
  return async () => {
    /** @type {import('node:net').Socket} */ (stdout).ref();
    stdin.end('finish');
    /** @type {string[]} */
    const left = JSON.parse(await text(stdout));
    return left;
  };
}
