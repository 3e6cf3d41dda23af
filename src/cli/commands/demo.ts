/** `rxshim demo`, which is also what `rxshim` alone does. */
import type { AddCommand } from './command.js';

export const demoCommand: AddCommand = (parent, end) => {
  parent
    .command('demo')
    .description('a demo: a task with an init and five execs, drawn live')
    .action(async () => end({ exitCode: await demo() }));
};

export const demo = async (): Promise<number> => (await import('../demo/demo.js')).demo();
