import type { ConsoleSize } from '../compute-process.js';

export interface Terminal {
  readonly master: number;
  /** Of the slave, such as /dev/pts/3. */
  readonly path: string;
}

export const openTerminal = (_size: ConsoleSize): Terminal => {
  throw new Error('under construction');
};

export const resizeTerminal = (_master: number, _size: ConsoleSize): void => {
  throw new Error('under construction');
};
