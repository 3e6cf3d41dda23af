/**
 * `rxshim run -d`: starts a container that outlives this program.
 *
 * A watcher, the same program in a session of its own, creates the container and stays: it is the parent of the init, so
 * it learns the exit status on every kernel, and records it. Nothing else depends on it: output goes to files, and if it
 * is killed the container goes on and can be adopted.
 */
import { spawn } from 'node:child_process';
import { CliError, exitCodes } from '../options/usage.js';

export interface DetachSettings {
  readonly id: string;
  readonly bundle: string;
  readonly directory: string;
  readonly owner: string;
  readonly run: string;
  readonly expiresAt?: number;
}

/** The hidden command of the watcher. */
const watcherCommand = 'watch-detached';

/** Resolves when the command runs. @throws CliError with the watcher's message. */
export const detach = async (settings: DetachSettings): Promise<void> => {
  const [, main = ''] = process.argv;
  const watcher = spawn(process.execPath, [main, watcherCommand, JSON.stringify(settings)], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let answer = '';
  let complaint = '';
  const { stdout, stderr } = watcher;
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint += chunk;
  });
  const started = new Promise<boolean>((resolve, reject) => {
    watcher.on('error', reject);
    stdout.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
      if (answer.includes('\n')) resolve(true);
    });
    watcher.on('close', () => resolve(false));
  });
  if (!(await started)) {
    const why = complaint.trim().replace(/^rxshim: /, '') || 'its watcher was killed before it ran';
    throw new CliError(why, watcher.exitCode ?? exitCodes.failed);
  }
  stdout.destroy();
  stderr.destroy();
  watcher.unref();
};
