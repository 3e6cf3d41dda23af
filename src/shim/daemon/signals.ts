/**
 * The signal handlers of the daemon: SIGTERM and SIGINT stop it in order, without its containers; SIGUSR1 logs its
 * state; SIGPIPE is ignored, so that a missing reader does no harm.
 */
export const onSignals = ({ stop, tell }: { readonly stop: () => void; readonly tell: () => void }): void => {
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGUSR1', tell);
  process.on('SIGPIPE', () => undefined);
};
