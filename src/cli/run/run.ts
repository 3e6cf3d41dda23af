/**
 * `rxshim run`: a command as a task on this host. Opens what was asked for, runs the task, and closes it again, in that
 * order, whatever happens in between.
 */

import type { Ending } from '../ending.js';
import type { RunSettings } from '../options/run-settings.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { openEventsFile } from './events-file.js';
import { loggerFor } from './logging.js';
import { telemetryFor } from './telemetry.js';

/**
 * @returns how to end: with the command's own exit code, 128 + n when signal n ended it, or by that signal if it came here.
 * @throws CliError, or RxshimError when it could not be started.
 */
export const run = async (settings: RunSettings): Promise<Ending> => {
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
