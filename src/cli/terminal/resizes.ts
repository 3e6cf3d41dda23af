/** The user's terminal as it changes its size. */
import { Observable } from 'rxjs';
import { type ScreenSize, sizeOf } from './screen.js';

/** The size now and each later one, of whichever output is a terminal; nothing where none is. */
export const terminalSize$: Observable<ScreenSize> = new Observable((listener) => {
  const fd = sizeOf(1) ? 1 : 2;
  // What is no terminal is not even looked at as a stream: Node would make a pipe non-blocking by that.
  if (!sizeOf(fd)) return undefined;
  const terminal = fd === 1 ? process.stdout : process.stderr;
  const tell = (): void => {
    const size = sizeOf(fd);
    if (size) listener.next(size);
  };
  tell();
  terminal.on('resize', tell);
  return () => terminal.off('resize', tell);
});
