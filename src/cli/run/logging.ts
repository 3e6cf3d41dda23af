/**
 * The log on stderr: pino, loaded only on request.
 */
import type { Logger } from '../../index.js';
import type { LogLevel } from '../options/run-settings.js';

/** An object to spread into the options of a task. */
export const loggerFor = async (level: LogLevel): Promise<{ readonly log?: Logger }> => {
  if (level === 'silent') return {};
  const { pino } = await import('pino');
  const stderr = pino.destination({ dest: 2, sync: true });
  // A closed stderr loses the log and nothing else.
  stderr.on('error', () => undefined);
  return { log: pino({ level, name: 'rxshim' }, stderr) };
};
