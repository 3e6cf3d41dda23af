/** Runs a script in a container and waits for its end: what the API cannot do from outside. */
import { RxshimError } from '../../failures/errors.js';
import { backoff, pause } from '../../remote/pause.js';
import type { Container } from '../container/container.js';
import { outputOf } from '../stdio/output.js';
import { createExec, inspectExec, openExec } from './exec-api.js';
import { exitCodeOfExec } from './exit-of-exec.js';
import { startFailure } from './start-failure.js';

export interface InsideResult {
  readonly code: number;
  readonly output: string;
}

/**
 * As root of the container.
 * @throws RxshimError where the image has no shell, or the exec cannot be followed.
 */
export const runInside = async (
  container: Container,
  script: string,
  ...args: readonly string[]
): Promise<InsideResult> => {
  const id = await createExec(container, { Cmd: ['sh', '-c', script, 'sh', ...args], User: '0' });
  const { socket, head } = await openExec(container, id, false);
  const closing = container.closed$.subscribe(() => socket.destroy());
  const output = outputOf(true);
  let text = '';
  output.intercept((_, bytes) => {
    text = `${text}${Buffer.from(bytes).toString()}`.slice(0, maxOutput);
    return false;
  });
  await new Promise((resolve) => {
    output.connect({ stream: socket, head }, resolve);
  });
  closing.unsubscribe();
  const next = backoff(10, 500);
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const details = await inspectExec(container, id);
    const code = exitCodeOfExec(details, { started: true, ended: true });
    if (code !== undefined) {
      // The scripts end with neither: there is no shell.
      if (code === 126 || code === 127) throw startFailure(container.name, text, code);
      return { code, output: text };
    }
    await pause(next());
  }
  throw new RxshimError('unavailable', `exec in container ${container.name}: no end was reported`);
};

const maxOutput = 10_000;
const maxLooks = 20;
