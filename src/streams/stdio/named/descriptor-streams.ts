/**
 * Streams on descriptors that are the caller's, or this program's own: to be handed over as they are, and where bytes
 * have to be copied, read and written through a duplicate. The descriptor itself is never closed here. A non-blocking
 * socket, which is what the stdout of this program is under any Node parent, is not handed over: its bytes are copied.
 */
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import { descriptorSink, descriptorSource, duplicate, mustCopy } from '../../../hcs/native/index.js';
import { fileSink, fileSource } from '../../../hcs/native/windows/index.js';
import { closedError } from '../closed-error.js';
import { stoppableInput } from '../given/given-streams.js';
import type { OpenedInput, OpenedOutput } from '../upstream/opened.js';

const onWindows = process.platform === 'win32';

export const descriptorInput = (fd: number): OpenedInput =>
  stoppableInput(
    () => (onWindows ? fileSource(fd) : descriptorSource(duplicate(fd)))[Symbol.asyncIterator](),
    mustCopy(fd, false) ? {} : { fd },
  );

export const descriptorOutput = (fd: number, inherited: boolean): OpenedOutput => {
  let own: (ByteSink & { close(): void }) | undefined;
  let closed = false;
  return {
    sink: {
      ...(mustCopy(fd, inherited) ? {} : { fd }),
      write: async (chunk) => {
        if (closed) throw closedError();
        // A descriptor that is handed over is never written to here.
        own ??= onWindows ? { ...fileSink(fd), close: () => undefined } : descriptorSink(duplicate(fd));
        await own.write(chunk);
      },
    },
    close: () => {
      closed = true;
      own?.close();
    },
  };
};
