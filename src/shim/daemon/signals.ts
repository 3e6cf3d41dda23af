/**
 * The signal handlers of the daemon: SIGTERM and SIGINT stop it in order, without its containers; SIGUSR1 logs its
 * state; SIGPIPE is ignored, so that a missing reader does no harm.
 */
export const onSignals = ({
  stop,
  describe,
}: {
  readonly stop: () => void;
  readonly describe: () => void;
}): void => {
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGUSR1', describe);
  process.on('SIGPIPE', () => undefined);
};
