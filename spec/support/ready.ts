/**
 * A command for `sh -c` that says `ready` and waits, and that any signal ends from the moment it says so.
 *
 * `echo ready; sleep 600` is no such command: between the two the shell itself takes an interrupt, and dash may go on to
 * the sleep all the same (seen in one of ten).
 */
export const saysReady = `exec '${process.execPath}' -e 'console.log("ready"); setInterval(() => undefined, 1e6)'`;
