/**
 * An exec whose exit outlives its connection and its daemon's memory: the confirming script runs it, and leaves its exit
 * code in a file of the container.
 *
 * The invariant: a code that is read from the file is that of this exec, as its name has a nonce. The script's messages are
 * not part of the output.
 */
import { randomBytes } from 'node:crypto';
import { messageOf } from '../../failures/errors.js';
import { confirmationFilter } from '../../in-container/confirmation-filter.js';
import {
  askEnd,
  type Confirmation,
  confirmingName,
  confirmingScript,
} from '../../in-container/confirming-script.js';
import { backoff, pause } from '../../remote/pause.js';
import { statusIn } from '../api/api-error.js';
import type { Container } from '../container/container.js';
import type { Output } from '../stdio/output.js';
import type { ExecDocument } from './exec-api.js';
import { runInside } from './run-inside.js';

export interface ExecRecord {
  readonly nonce: string;
  /** Resolves with the first message of the script: it has started the command, or could not. */
  readonly started: Promise<Confirmation>;
  /** Resolves with the exit code when the script reports it in the output. */
  readonly ended: Promise<number>;
  /** The output received before the start. */
  readonly text: string;
  /** Emits the held bytes: they are output after all. */
  release(): void;
  /** The stream has ended: what was held back as the beginning of a message is none. */
  flush(): void;
}

/** The document of the exec that runs the script. */
export const recordedDocument = (
  { Cmd, ...document }: ExecDocument,
  nonce: string,
  mark: string,
  settled: readonly string[],
): ExecDocument => ({
  ...document,
  // The daemon sets the working directory and the variables.
  Cmd: ['sh', '-c', confirmingScript, confirmingName, nonce, mark, '', settled.join(' '), '0', ...Cmd],
});

export const newNonce = (): string => randomBytes(8).toString('hex');

/** As many as a request may name without becoming long. */
export const maxForgotten = 32;

/** Takes the messages out of an output, and holds it until the command has started: until then it is the daemon's own. */
export const filterRecord = (output: Output, nonce: string, terminal: boolean): ExecRecord => {
  let start = (_: Confirmation): void => undefined;
  let end = (_: number): void => undefined;
  const started = new Promise<Confirmation>((resolve) => {
    start = resolve;
  });
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  let held: { readonly type: number; readonly bytes: Uint8Array }[] | undefined = [];
  let text = '';
  const push = (type: number, bytes: Uint8Array): void => {
    if (held === undefined) (type === 2 ? output.stderr : output.stdout).push(bytes);
    else {
      held.push({ type, bytes: Uint8Array.from(bytes) });
      if (text.length < maxMessage) text += Buffer.from(bytes).toString();
    }
  };
  const release = (): void => {
    const pieces = held ?? [];
    held = undefined;
    for (const { type, bytes } of pieces) push(type, bytes);
  };
  const filter = confirmationFilter(nonce, (confirmation) => {
    if (confirmation.kind === 'started') release();
    if (confirmation.kind === 'ended') end(confirmation.code);
    else start(confirmation);
  });
  const messages = terminal ? 1 : 2;
  output.intercept((type, bytes) => {
    if (type !== messages) push(type, bytes);
    else for (const piece of filter.take(Buffer.from(bytes))) push(type, piece);
    return false;
  });
  return {
    nonce,
    started,
    ended,
    get text() {
      return text;
    },
    release,
    flush: () => {
      for (const piece of filter.flush()) push(messages, piece);
    },
  };
};

/** Longer than any message of a runtime. */
const maxMessage = 10_000;

/** The arguments of a script that was started for an exec, in the form in which /proc shows them. */
export const recordIn = (cmdline: string): { readonly nonce: string; readonly mark: string } | undefined => {
  const [, , , name, nonce, mark] = cmdline.split('\0');
  return name === confirmingName && nonce && mark ? { nonce, mark } : undefined;
};

/** The exit code in the record, once the exec has ended; or why there is none. */
export const readRecord = async (
  container: Container,
  nonce: string,
): Promise<{ readonly code: number } | { readonly why: string }> => {
  const next = backoff(50, 2_000);
  let deadline = Number.POSITIVE_INFINITY;
  for (;;) {
    if (container.isClosed) return { why: 'the handle of its container was closed' };
    if (container.exit$.isStopped) return { why: 'its container has ended' };
    try {
      const { code, output } = await runInside(container, askEnd, nonce);
      const recorded = output.trim();
      if (code === 0 && /^\d+$/.test(recorded)) return { code: Number(recorded) };
      if (code === noRecord) return { why: 'it has left no exit code: the script that runs it was killed' };
    } catch (error) {
      if (statusIn(error) === 404 || statusIn(error) === 409)
        return { why: `its container has ended: ${messageOf(error)}` };
      deadline = Math.min(deadline, Date.now() + container.reconnectTimeout);
      if (Date.now() >= deadline) return { why: `the daemon cannot be reached: ${messageOf(error)}` };
    }
    await pause(next());
  }
};

const noRecord = 3;
