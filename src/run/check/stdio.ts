/** Refuses invalid stdio and names it by its path. Whether a file can be opened shows only when it is opened. */
import { invalid } from '../../hcs/failures/errors.js';
import { refuseUnknown } from '../../hcs/failures/refuse-unknown.js';
import { requireObject } from '../../streams/arguments.js';
import type { RunOptions } from '../run-interface.js';

const known = ['stdin', 'stdout', 'stderr', 'terminal', 'whenReaderLeaves'];

/** @throws RxshimError `invalidArgument`. */
export const checkStdio = (stdio: NonNullable<RunOptions['stdio']>): void => {
  if (Array.isArray(stdio)) throw invalid('stdio', stdio, "an object such as { stdout: 'inherit' }");
  requireObject('stdio', stdio);
  refuseUnknown('stdio.', stdio, known, { input: 'input' });
  for (const name of ['stdin', 'stdout', 'stderr'] as const) {
    const asked: unknown = stdio[name];
    if (typeof asked !== 'string' || isStreamName(asked)) continue;
    if (name === 'stderr' && asked === 'stdout') continue;
    throw invalid(`stdio.${name}`, asked, "'ignore', 'inherit', 'pipe', an absolute path or a file: URI");
  }
  if ((stdio.stdin as unknown) === 'pipe')
    throw invalid('stdio.stdin', 'pipe', 'bytes, an iterable or a stream: a run has no stdin to write to');
};

const isStreamName = (asked: string): boolean =>
  ['', 'ignore', 'inherit', 'pipe'].includes(asked) ||
  asked.startsWith('/') ||
  /^[a-z]+:\/\/|^[A-Z]:\\|^\\\\/.test(asked);
