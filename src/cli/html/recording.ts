/** `--html FILE`: records the facts and the output of a run, and writes them as a page when it has ended. */
import { openSync, writeFileSync } from 'node:fs';
import type { StdioRequest } from '../../index.js';
import { commandText } from '../../run/command-text.js';
import { CliError, exitCodes } from '../options/usage.js';
import { systemReason } from '../system-reason.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { assertWritten, sinkOf } from '../terminal/own-output.js';
import { htmlPage, type OutputPiece } from './page.js';

export interface Recording {
  /** The output is recorded on its way to this program's own. */
  request(stdio: StdioRequest): StdioRequest;
  /** One of the lines of `--events`. */
  add(factLine: string): void;
  write(ending: string): void;
}

/** As much output is in the page. */
const maxOutput = 2 ** 20;

/** @throws CliError if the file cannot be opened; nothing is started then. */
export const recordPage = (
  path: string,
  command: readonly string[],
  { clock, origin }: { readonly clock: () => number; readonly origin: number },
): Recording => {
  const fd = opened(path);
  const facts: object[] = [];
  const output: OutputPiece[] = [];
  let room = maxOutput;
  let outputCut = false;
  const writers = { 1: descriptorWriter(1), 2: descriptorWriter(2) };
  const tee = (stream: OutputPiece['stream'], to: 1 | 2) => {
    const sink = sinkOf(writers[to]);
    const decoder = new TextDecoder();
    return {
      write: async (chunk: Uint8Array): Promise<void> => {
        const text = decoder.decode(chunk, { stream: true });
        await sink.write(chunk);
        outputCut ||= text.length > room;
        const kept = text.slice(0, room);
        room -= kept.length;
        if (kept !== '') output.push({ at: clock(), stream, text: kept });
      },
    };
  };
  return {
    request: (stdio) => ({ ...stdio, stdout: tee('stdout', 1), stderr: tee('stderr', 2) }),
    add: (line) => void facts.push(JSON.parse(line)),
    write: (ending) => {
      const began = new Date(origin).toISOString();
      const page = htmlPage({ title: commandText(command), ending, began, facts, output, outputCut });
      try {
        writeFileSync(fd, page);
      } catch (cause) {
        throw cannotWrite(path, exitCodes.failed, cause);
      }
      assertWritten(writers[1]);
    },
  };
};

const opened = (path: string): number => {
  try {
    return openSync(path, 'w', 0o644);
  } catch (cause) {
    throw cannotWrite(path, exitCodes.usage, cause);
  }
};

const cannotWrite = (path: string, exitCode: number, cause: unknown): CliError =>
  new CliError(`--html: cannot write ${JSON.stringify(path)}: ${systemReason(cause)}`, exitCode, cause);
