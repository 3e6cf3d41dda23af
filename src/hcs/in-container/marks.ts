/**
 * A mark in the environment of a process, by which it and all that it starts are found again inside a container.
 *
 * It needs nothing of the image: the mark is a variable, which processes hand on to their children. One that empties its
 * environment before it starts others is found only by what it leads (see `signal-script.ts`).
 */
import { randomUUID } from 'node:crypto';

export const markVariable = 'RXSHIM_EXEC';

/** Marks all that one system has started, where several processes share a container with those of others. */
export const systemMark = 'RXSHIM_SYSTEM';

/** Unique; a variable as `NAME=value`. */
export const newMark = (variable: string = markVariable): string => `${variable}=${randomUUID()}`;
