/** The lines of `--timeline` on an output that is no terminal. */

/** The phases that they show, in order. */
export const phasesIn = (stderr: string): readonly string[] =>
  stderr.match(/created|starting|running|exited with 0|drained|released/g) ?? [];

/** Those of a command that succeeds. */
export const phasesOfSuccess = ['created', 'starting', 'running', 'exited with 0', 'drained', 'released'];
