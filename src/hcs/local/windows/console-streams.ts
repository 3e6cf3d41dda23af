/**
 * A console between a process and its caller. stdout and stderr are one stream; input is what is typed.
 *
 * A console outlives its process: its output ends when it is closed. It is closed after the exit, and off the main
 * thread, because closing blocks until all output has been read.
 */
import type { ConsoleSize } from '../../contract/compute-process.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { RxshimError } from '../../failures/errors.js';
import { handleSink, handleSource, kernel32, openPipe } from '../../native/windows/index.js';
import type { Streams } from './streams.js';

/** Ctrl-Z and Enter: end of input for a program that reads lines from a console. */
const endOfInput = Buffer.from('\x1a\r');

/** The width in the low half, the height in the high half. */
const sizeOf = ({ width, height }: ConsoleSize): number => ((height << 16) | (width & 0xffff)) >>> 0;

export const consoleStreams = (parameters: ProcessParameters, size: ConsoleSize): Streams => {
  const input = openPipe('write');
  const output = openPipe('read');
  const console = new BigUint64Array(1);
  const hresult = kernel32.CreatePseudoConsole(sizeOf(size), input.child, output.child, 0, console);
  // The console has duplicates of its own.
  for (const { child } of [input, output]) kernel32.CloseHandle(child);
  if (hresult < 0) {
    for (const { caller } of [input, output]) kernel32.CloseHandle(caller);
    throw new RxshimError(
      'unavailable',
      `a console: CreatePseudoConsole failed (0x${(hresult >>> 0).toString(16)})`,
    );
  }
  const stdin = handleSink(input.caller);
  const stdout = handleSource(output.caller);
  const handle = Number(console[0]);
  let open = true;
  const closeConsole = (): void => {
    if (open) kernel32.ClosePseudoConsole.async(handle, () => undefined);
    open = false;
  };
  if (!parameters.CreateStdOutPipe) void discard(stdout);
  return {
    child: { console: handle },
    stdio: {
      ...(parameters.CreateStdInPipe && { stdin }),
      ...(parameters.CreateStdOutPipe && { stdout }),
    },
    started: () => undefined,
    ended: () => {
      stdin.close();
      closeConsole();
    },
    closeStdin: () => {
      if (open) stdin.write(endOfInput).catch(() => undefined);
    },
    closeStdout: () => {
      stdout.close();
      closeConsole();
    },
    closeStderr: () => undefined,
    resize: (to) => {
      if (!open) throw new RxshimError('failedPrecondition', 'the console is closed');
      kernel32.ResizePseudoConsole(handle, sizeOf(to));
    },
    close: () => {
      stdin.close();
      stdout.close();
      closeConsole();
    },
  };
};

const discard = async (output: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of output);
};
