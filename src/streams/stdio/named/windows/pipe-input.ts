/**
 * Input from a named pipe of Windows. When its writer goes, that is the end of it.
 */
import { dial, type HandleSource, sourceOf } from '../../../../hcs/native/windows/index.js';
import { stoppableInput } from '../../given/given-streams.js';
import type { OpenedInput } from '../../upstream/opened.js';

/** @throws Win32Error where there is no such pipe now. */
export const pipeInput = (path: string): OpenedInput => {
  const dialling = dial(path, 'read');
  let source: HandleSource | undefined;
  let closed = false;
  dialling.file.then(
    (file) => {
      source = sourceOf(file);
      if (closed) source.close();
    },
    () => undefined,
  );
  const { source: stoppable, end } = stoppableInput(
    () => pulled(() => dialling.file.then(() => source!)),
    {},
  );
  const close = (): void => {
    closed = true;
    end();
    dialling.cancel();
    source?.close();
  };
  return { source: stoppable, end: close, close };
};

async function* pulled(open: () => Promise<HandleSource>): AsyncGenerator<Uint8Array> {
  yield* await open();
}
