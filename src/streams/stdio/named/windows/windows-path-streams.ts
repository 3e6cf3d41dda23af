/**
 * Streams on paths of Windows: named pipes, which are dialled, and files.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { invalid } from '../../../../hcs/failures/errors.js';
import { fileSink, fileSource } from '../../../../hcs/native/windows/index.js';
import { stoppableInput, stoppableOutput } from '../../given/given-streams.js';
import type { OpenedInput, OpenedOutput } from '../../upstream/opened.js';
import type { PathPlan } from '../path-streams.js';
import { pipeInput } from './pipe-input.js';
import { type PipeOptions, pipeOutput } from './pipe-output.js';

const isPipe = (path: string): boolean => /^\\\\[^\\]+\\pipe\\/i.test(path.replaceAll('/', '\\'));

/** @throws RxshimError `invalidArgument` for what cannot be written to. */
export const windowsPathOutput = (plan: PathPlan, options: PipeOptions): OpenedOutput => {
  if (isPipe(plan.path))
    return opened(plan, 'a named pipe that exists', () => pipeOutput(plan.path, options));
  return opened(plan, 'a named pipe, or a file that can be appended to', () => {
    const path = fileOf(plan.path);
    if (plan.makeParents) mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, 'a');
    const { sink, close } = stoppableOutput(fileSink(fd));
    return { sink, close: closing(close, fd) };
  });
};

/** @throws as `windowsPathOutput` does. */
export const windowsPathInput = (plan: PathPlan): OpenedInput => {
  if (isPipe(plan.path)) return opened(plan, 'a named pipe that exists', () => pipeInput(plan.path));
  return opened(plan, 'a named pipe or a file that can be read', () => {
    const fd = openSync(fileOf(plan.path), 'r');
    const { source, end, close } = stoppableInput(() => fileSource(fd)[Symbol.asyncIterator](), {});
    return { source, end, close: closing(close, fd) };
  });
};

/** The path of a `file:` URI begins with a slash, also before a drive. */
const fileOf = (path: string): string => path.replace(/^[/\\](?=[a-z]:)/i, '');

const closing = (close: () => void, fd: number): (() => void) => {
  let open = true;
  return () => {
    close();
    if (open) closeSync(fd);
    open = false;
  };
};

const opened = <T>({ field, given }: PathPlan, expected: string, open: () => T): T => {
  try {
    return open();
  } catch (cause) {
    throw invalid(field, given, expected, cause);
  }
};
