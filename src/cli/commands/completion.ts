/** `rxshim completion SHELL`: prints a script by which a shell completes the commands and options. */
import type { CompletedCommand } from '../completion/words.js';
import { badOption } from '../options/usage.js';
import { print } from '../terminal/own-output.js';
import type { AddCommand } from './command.js';

export const completionCommand: AddCommand = (parent) => {
  parent
    .command('completion')
    .description('print a script that completes commands and options: bash, zsh or fish')
    .usage('SHELL')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', notes)
    .action(async (shell: string) => {
      const { completedCommands } = await import('../completion/words.js');
      const commands = completedCommands(parent);
      print(await scriptFor(shell, commands));
    });
};

const scriptFor = async (shell: string, commands: readonly CompletedCommand[]): Promise<string> => {
  if (shell === 'bash') return (await import('../completion/bash.js')).bashScript(commands);
  if (shell === 'zsh') return (await import('../completion/zsh.js')).zshScript(commands);
  if (shell === 'fish') return (await import('../completion/fish.js')).fishScript(commands);
  throw badOption('SHELL', shell, 'bash, zsh or fish');
};

const notes = `
  bash  eval "$(rxshim completion bash)"            in ~/.bashrc
  zsh   rxshim completion zsh > "\${fpath[1]}/_rxshim"
  fish  rxshim completion fish > ~/.config/fish/completions/rxshim.fish`;
