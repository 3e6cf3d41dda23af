/**
 * `rxshim run`: runs a command as a task. Opens what was requested, runs the task, and closes everything again,
 * even after a failure.
 */

import type { Ending } from '../ending.js';
import type { RunSettings } from '../options/run-settings.js';
import type { SideBySide } from '../side-by-side/settings.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { lineEnd } from '../terminal/raw-mode.js';
import { openEventsFile } from './events-file.js';
import { loggerFor } from './logging.js';
import { telemetryFor } from './telemetry.js';

/**
 * @returns how to end: with the command's exit code, 128 + n if signal n killed it, or by that signal if this program
 * got it.
 * @throws CliError, or RxshimError if it could not be started.
 */
export const run = async (settings: RunSettings, all?: SideBySide): Promise<Ending> => {
  const stderr = descriptorWriter(2);
  const warn = (line: string): void => stderr.write(`rxshim: ${line}${lineEnd()}`);
  const events = settings.events === undefined ? undefined : openEventsFile(settings.events, warn);
  const [logging, telemetry] = await Promise.all([
    loggerFor(settings.logLevel),
    telemetryFor(settings.otlp, warn),
  ]);
  try {
    // Only now: tracers are created when the library is loaded, after the SDK was started.
    if (all !== undefined) {
      const { runAll } = await import('../side-by-side/run-all.js');
      return await telemetry.trace('rxshim run', () => runAll(all, settings, { ...logging, warn, events }));
    }
    const { runTask } = await import('./run-task.js');
    return await telemetry.trace('rxshim run', (annotate) =>
      runTask(settings, { ...logging, warn, events, annotate }),
    );
  } finally {
    await Promise.all([events?.end(), telemetry.end()]);
  }
};
