/**
 * A mark in the environment of a process, by which it and all that it starts are found again inside a container.
 *
 * It needs nothing of the image: the mark is a variable, which processes hand on to their children. One that empties its
 * environment before it starts others is found only by what it leads (see `signal-script.ts`).
 */
import { randomUUID } from 'node:crypto';
import type { ProcessParameters } from '../contract/process-parameters.js';

export const markVariable = 'RXSHIM_EXEC';

/** Marks all processes that one system has started in a container that others use too. */
export const systemMark = 'RXSHIM_SYSTEM';

/**
 * Unique; a variable as `NAME=value`.
 * @param id by which the process is known, for those who take it over later.
 */
export const newMark = (variable: string = markVariable, id = ''): string =>
  `${variable}=${randomUUID()}${id === '' ? '' : `/${id}`}`;

/** The mark of a process that has an id, in its environment as /proc shows it. */
export const markIn = (environ: string): { readonly mark: string; readonly id: string } | undefined => {
  const mark = environ.split('\0').find((variable) => variable.startsWith(`${markVariable}=`));
  const slash = mark?.indexOf('/') ?? -1;
  return mark === undefined || slash < 0 ? undefined : { mark, id: mark.slice(slash + 1) };
};

/** The same process with one more variable (`NAME=value`). */
export const withVariable = (
  { OciProcess, ...parameters }: ProcessParameters,
  variable: string,
): ProcessParameters => ({
  ...parameters,
  OciProcess: { ...OciProcess, env: [...(OciProcess?.env ?? []), variable] },
});
