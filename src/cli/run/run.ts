/**
 * `rxshim run`: a command as a task on this host. Opens what was asked for, runs the task, and closes it again, in that
 * order, whatever happens in between.
 */

import type { RunSettings } from '../options/run-settings.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { openEventsFile } from './events-file.js';
import { loggerFor } from './logging.js';
import { telemetryFor } from './telemetry.js';

/**
 * @returns the exit code: the command's own, 128 + n when it was ended by signal n.
 * @throws CliError, or RxshimError when it could not be started.
 */
export const run = async (settings: RunSettings): Promise<number> => {
  const stderr = descriptorWriter(2);
  const warn = (line: string): void => stderr.write(`rxshim: ${line}\n`);
  const events = settings.events === undefined ? undefined : openEventsFile(settings.events, warn);
  const [logging, telemetry] = await Promise.all([
    loggerFor(settings.logLevel),
    telemetryFor(settings.otlp, warn),
  ]);
  try {
    // Only now: tracers are made where the library is loaded, and must find the SDK started.
    const { runTask } = await import('./run-task.js');
    return await telemetry.trace('rxshim run', () => runTask(settings, { ...logging, warn, events }));
  } finally {
    await Promise.all([events?.end(), telemetry.end()]);
  }
};
