/** The calls that the fakes take part in, by the names under which vectors let them fail or wait. */

export const callNames: ReadonlySet<string> = new Set([
  ...['start', 'createProcess', 'terminate', 'close'].map((call) => `container.${call}`),
  ...['signal', 'kill', 'resizeConsole', 'close', 'closeStdin', 'closeStdout', 'closeStderr'].map(
    (call) => `process.${call}`,
  ),
  ...['wait', 'exitCode', 'stdinWrite'].map((call) => `process.${call}`),
  ...['close', 'closeStdin', 'stdoutWrite', 'stderrWrite'].map((call) => `io.${call}`),
  ...['TaskStart', 'TaskExecStarted', 'TaskExit'].map((event) => `events.publish ${event}`),
]);
