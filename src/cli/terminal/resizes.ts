/**
 * The size of the user's terminal and its changes.
 */
import { Observable } from 'rxjs';
import { type ScreenSize, sizeOf } from './screen.js';

/** Emits the current size and each later one, of the output that is a terminal. Empty if none is. */
export const terminalSize$: Observable<ScreenSize> = new Observable((listener) => {
  const fd = sizeOf(1) ? 1 : 2;
  // Other outputs are not accessed as streams: Node would make a pipe non-blocking.
  if (!sizeOf(fd)) return undefined;
  const terminal = fd === 1 ? process.stdout : process.stderr;
  const emit = (): void => {
    const size = sizeOf(fd);
    if (size) listener.next(size);
  };
  emit();
  terminal.on('resize', emit);
  return () => terminal.off('resize', emit);
});
