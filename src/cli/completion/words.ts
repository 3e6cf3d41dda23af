/** The words to complete: the commands of the program with their options, read from the definitions themselves. */
import type { Command } from 'commander';

export interface CompletedOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly takesValue: boolean;
  readonly description: string;
}

export interface CompletedCommand {
  /** Its words, without the program: `['shim', 'install']`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly children: readonly string[];
}

export const completedCommands = (
  root: Command,
  path: readonly string[] = [],
): readonly CompletedCommand[] => {
  const help = root.createHelp();
  const children = help.visibleCommands(root).filter((child) => child.name() !== 'help');
  const options = help
    .visibleOptions(root)
    .flatMap(({ long, short, required, description }) =>
      long == null ? [] : [{ long, short: short ?? undefined, takesValue: required, description }],
    );
  const here = {
    path,
    description: root.description(),
    options,
    children: children.map((child) => child.name()),
  };
  return [here, ...children.flatMap((child) => completedCommands(child, [...path, child.name()]))];
};
