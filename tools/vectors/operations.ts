/** What each operation of a vector does: to the exec, through its own commands, or to the world around it. */
import type { Observable } from 'rxjs';
import { unknownExit } from '../../src/hcs/contract/exit-code.js';
import type { StagedProcess } from './harness.js';
import type { Step } from './vector.js';
import type { World } from './world.js';

/** A command of the exec still to be called, or nothing where the world has already changed. */
type Operation = (world: World, args: Step['args'], step: Step) => Observable<unknown> | Promise<void> | void;

export const operations: Readonly<Record<string, Operation>> = {
  start: ({ exec }) => exec.start(),
  kill: ({ exec }, { signal }) => exec.kill(uint32(signal)),
  resize: ({ exec }, { width, height }) => exec.resizePty({ width: uint32(width), height: uint32(height) }),
  closeIO: ({ exec }) => exec.closeIo(),
  forceExit: ({ exec }, { status }) => exec.forceExit(uint32(status)),
  wait: ({ exec }) => exec.wait(),
  join: () => undefined,
  'container.exit': ({ exitSystem }) => exitSystem(),
  'process.exit': exitProcess,
  'process.eof': ({ withProcess }, { stream }) => withProcess(({ pipes }) => pipes[output(stream)]?.end()),
  'process.write': ({ withProcess }, { stream, text }) =>
    withProcess(({ pipes }) => ignored(pipes[output(stream)]?.write(Buffer.from(String(text))))),
  'upstream.stdinWrite': ({ stdin }, { text }) => ignored(stdin?.write(Buffer.from(String(text)))),
  'upstream.stdinEOF': ({ stdin }) => stdin?.end(),
  release: ({ gates }, { gate }) => gates.release(String(gate)),
  awaitWaitReleased: ({ time, recorder, released }, _args, { result }) =>
    time.pass(timeoutOf(result), recorder.atRest, released),
};

/** How long the exec is given to release its waiters, in milliseconds: a little more than the original needed. */
export const timeoutOf = (result: unknown): number => {
  const { elapsedAbout } = (result ?? {}) as { readonly elapsedAbout?: unknown };
  const seconds = Number.parseFloat(String(elapsedAbout));
  return (Number.isNaN(seconds) ? defaultSeconds : seconds) * 1_000 + margin;
};

const defaultSeconds = 1;
const margin = 500;

function exitProcess({ withProcess, setup, gates }: World, { code, holdStreams }: Step['args']): void {
  withProcess((process) => {
    if (holdStreams !== true) endOutput(process);
    // The original asks in two steps, which may fail or hang one by one; here an engine answers both in one.
    const unreadable = setup.faults['process.exitCode'];
    const how = unreadable ? unknownExit(unreadable) : Number(code);
    gates.pass('process.wait').subscribe({
      complete: () =>
        gates.pass('process.exitCode').subscribe({
          complete: () => process.exit(how, { holdStreams: true }),
        }),
    });
  });
}

const endOutput = ({ pipes }: StagedProcess): void => {
  pipes.stdout?.end();
  pipes.stderr?.end();
};

// The shim gets these as unsigned 32-bit numbers; a vector has the int of the original.
const uint32 = (value: unknown): number => Number(value) >>> 0;

const output = (stream: unknown): 'stdout' | 'stderr' => {
  if (stream !== 'stdout' && stream !== 'stderr') throw new Error(`no such output: ${String(stream)}`);
  return stream;
};

/** Whether anybody reads what was written shows in the data; a reader that has gone is no failure of the writer's. */
const ignored = (writing: Promise<void> | undefined): void => {
  writing?.catch(() => undefined);
};
