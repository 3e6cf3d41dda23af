/** The commands on containers that `rxshim run -d` has started: `ps`, `logs`, `attach`, `stop`, `rm`. */
import type { Command } from 'commander';
import type { RemoveOptions } from '../adopted/end.js';
import type { ListOptions } from '../adopted/list.js';
import type { StateOptions } from '../adopted/registry.js';
import { print, readerLeftCode } from '../terminal/own-output.js';
import type { AddCommand } from './command.js';

export const psCommand: AddCommand = (parent) => {
  onState(parent.command('ps').description('list the detached tasks'))
    .option('--owner <name>', 'only those of this owner')
    .option('--json', 'print one object a line')
    .action(async (options: ListOptions) => {
      const table = await (await import('../adopted/list.js')).list(options);
      print(table);
    });
};

export const logsCommand: AddCommand = (parent, end) => {
  onTask(parent, 'logs', 'print the output of a detached task')
    .option('-f, --follow', 'go on until it ends')
    .action(async (id: string, { follow, ...options }: StateOptions & { readonly follow?: boolean }) => {
      const output = await import('../adopted/follow.js');
      if (!follow) return end({ exitCode: await output.show(id, options) });
      const status = await output.follow(id, 'start', options);
      if (status === undefined) end({ exitCode: readerLeftCode });
    });
};

export const attachCommand: AddCommand = (parent, end) => {
  onTask(parent, 'attach', 'show what a detached task prints from now on, and exit as it does')
    .addHelpText('after', '\nCtrl-C ends attach, not the task.')
    .action(async (id: string, options: StateOptions) => {
      const status = await (await import('../adopted/follow.js')).follow(id, 'end', options);
      end({ exitCode: status ?? readerLeftCode });
    });
};

interface StopCommandOptions extends StateOptions {
  readonly stopSignal?: string;
  readonly stopTimeout: string;
}

export const stopCommand: AddCommand = (parent) => {
  onTask(parent, 'stop', 'stop a detached task, with all that it has started')
    .option('--stop-signal <signal>', 'the signal that stops it (default: TERM)')
    .option('--stop-timeout <duration>', 'the time between the stop signal and SIGKILL', '10s')
    .action(async (id: string, { stopSignal, stopTimeout, ...options }: StopCommandOptions) => {
      const { parseDuration } = await import('../options/parse-duration.js');
      const { badOption } = await import('../options/usage.js');
      const grace = parseDuration(stopTimeout);
      if (grace === undefined)
        throw badOption('--stop-timeout', stopTimeout, 'a duration such as 500ms, 10s or 2m');
      await (await import('../adopted/end.js')).stop(id, { signal: stopSignal, grace }, options);
    });
};

export const rmCommand: AddCommand = (parent) => {
  onTask(parent, 'rm', 'remove a detached task that has ended, with its output')
    .option('-f, --force', 'kill it first')
    .action(async (id: string, options: RemoveOptions) => {
      await (await import('../adopted/end.js')).remove(id, options);
    });
};

/** Used by `rxshim run -d`; not for users. */
export const watchCommand: AddCommand = (parent) => {
  parent
    .command('watch-detached', { hidden: true })
    .argument('<settings>')
    .action(async (settings: string) => {
      await (await import('../adopted/watch.js')).watch(JSON.parse(settings));
    });
};

const onState = (command: Command): Command =>
  command.option('--state <dir>', 'the directory of its records (default: /run/rxshim/tasks)');

const onTask = (parent: Command, name: string, description: string): Command =>
  onState(parent.command(name).description(description).usage('[options] ID').argument('<id>', 'its name'));
