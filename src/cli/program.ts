/**
 * The command line: its commands (`commands/`, one file each) and what is common to them.
 */
import { Command } from 'commander';
import {
  attachCommand,
  logsCommand,
  psCommand,
  rmCommand,
  stopCommand,
  watchCommand,
} from './commands/adopted.js';
import { agentCommand } from './commands/agent.js';
import type { AddCommand } from './commands/command.js';
import { completionCommand } from './commands/completion.js';
import { demo, demoCommand } from './commands/demo.js';
import { runCommand } from './commands/run.js';
import { shimCommand } from './commands/shim.js';
import type { Ending } from './ending.js';
import { version } from './installed.js';
import { CliError, exitCodes } from './options/usage.js';

/** @returns how to end. @throws CommanderError for wrong usage, or the failure of the command. */
export const program = async (argv: readonly string[]): Promise<Ending> => {
  let ending: Ending = { exitCode: 0 };

  const rxshim = new Command('rxshim')
    .description('Runs commands as container tasks and exposes their lifecycle as Observables.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .usage('[COMMAND] [options]')
    .enablePositionalOptions()
    // Accepted here to report them with a better message.
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'rxshim: ')) })
    .addHelpText('after', examples)
    .action(async (_options, { args: [unknown] }: Command) => {
      if (unknown !== undefined) throw unknownCommand(unknown);
      ending = { exitCode: await demo() };
    });

  for (const add of commands) {
    add(rxshim, (how) => {
      ending = how;
    });
  }
  for (const command of rxshim.commands) refuseExcess(command);
  await rxshim.parseAsync(argv, { from: 'user' });
  return ending;
};

const refuseExcess = (command: Command): void => {
  command.allowExcessArguments(false);
  for (const child of command.commands) refuseExcess(child);
};

/** In the order of the help page. */
const commands: readonly AddCommand[] = [
  demoCommand,
  runCommand,
  psCommand,
  logsCommand,
  attachCommand,
  stopCommand,
  rmCommand,
  watchCommand,
  agentCommand,
  shimCommand,
  completionCommand,
];

const unknownCommand = (name: string): CliError =>
  new CliError(`unknown command ${JSON.stringify(name)}; to run it: rxshim run -- ${name}`, exitCodes.usage);

const examples = `
Examples:
  rxshim                                   the demo
  rxshim run -- make test                  run a command
  rxshim run -ti -- vi notes.txt           in a terminal
  rxshim run --all 'make watch' 'make web' several side by side
  rxshim run --timeline -- sleep 3         draw its lifecycle
  rxshim run --events life.jsonl -- ./job  record its lifecycle
  rxshim run --docker alpine -- ls         run it in a container of Docker
  rxshim run -d --bundle ./web --name web  start a container that goes on
  rxshim agent unix:$HOME/guest/g          run commands here for another host:
  rxshim run --guest unix:$HOME/guest/g -- ls`;
