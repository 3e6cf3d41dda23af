#!/usr/bin/env node
/**
 * The program `rxshim`. Parses the command line and loads only what the command needs: the library with rxjs, a logger
 * or an OpenTelemetry SDK.
 */
import { CommanderError } from 'commander';
import type { Ending } from './ending.js';
import { leave } from './leave.js';
import { exitCodes } from './options/usage.js';
import { program } from './program.js';
import { reportOf } from './report.js';
import { descriptorWriter } from './terminal/descriptor-writer.js';

const main = async (): Promise<Ending> => {
  try {
    return await program(process.argv.slice(2));
  } catch (error) {
    // Commander has written its message; help and version are no failures.
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : exitCodes.usage };
    const { message, exitCode } = reportOf(error);
    descriptorWriter(2).write(`rxshim: ${message}\n`);
    return { exitCode };
  }
};

// Nothing is left to do. A pending read of a terminal may still hold the event loop.
const { exitCode, signal } = await main();
if (signal !== undefined) await (await import('./ending.js')).dieBy(signal);
leave(exitCode);
