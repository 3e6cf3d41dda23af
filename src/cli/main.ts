#!/usr/bin/env node
/**
 * The program `rxshim`. Reads what was typed and loads only what that takes: the library with rxjs for a command, a
 * logger or an OpenTelemetry SDK where one was asked for.
 */
import { CommanderError } from 'commander';
import type { Ending } from './ending.js';
import { leave } from './leave.js';
import { exitCodes } from './options/usage.js';
import { program } from './program.js';
import { descriptorWriter } from './terminal/descriptor-writer.js';

const main = async (): Promise<Ending> => {
  try {
    return await program(process.argv.slice(2));
  } catch (error) {
    // Commander has written what it had to say; a wish for help or the version is no failure.
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : exitCodes.usage };
    const { reportOf } = await import('./report.js');
    const { line, exitCode } = reportOf(error);
    descriptorWriter(2).write(`${line}\n`);
    return { exitCode };
  }
};

// Nothing is left to wait for: whatever still holds the event loop is a read of a terminal that nobody needs.
const { exitCode, signal } = await main();
if (signal !== undefined) await (await import('./ending.js')).dieBy(signal);
leave(exitCode);
