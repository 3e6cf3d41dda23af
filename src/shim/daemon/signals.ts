/**
 * What the daemon does on signals: it stops in order, without its containers, when asked to; it says how things stand on
 * SIGUSR1; and it does not mind that nobody reads what it writes.
 */
export const onSignals = ({ stop, tell }: { readonly stop: () => void; readonly tell: () => void }): void => {
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGUSR1', tell);
  process.on('SIGPIPE', () => undefined);
};
