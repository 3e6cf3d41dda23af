/** The completion script for fish. */
import type { CompletedCommand } from './words.js';

export const fishScript = (commands: readonly CompletedCommand[]): string => `# rxshim: completion for fish
# rxshim completion fish > ~/.config/fish/completions/rxshim.fish
${commands.flatMap(linesOf(commands)).join('\n')}
`;

const linesOf =
  (commands: readonly CompletedCommand[]) =>
  ({ path, options, children }: CompletedCommand): readonly string[] => {
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const unseen = children.length === 0 ? [] : [`not __fish_seen_subcommand_from ${children.join(' ')}`];
    const when = quoted([...seen, ...unseen].join('; and '));
    const isCommand = ['run'].includes(path.join(' '));
    const words = children.map((child) => {
      const about = commands.find((other) => other.path.join(' ') === [...path, child].join(' '));
      return `complete -c rxshim -f -n ${when} -a ${child} -d ${quoted(about?.description ?? '')}`;
    });
    const flags = options.map(
      ({ long, short, takesValue, description }) =>
        `complete -c rxshim -n ${when} -l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}` +
        `${takesValue ? ' -r' : ''} -d ${quoted(description)}`,
    );
    const rest = isCommand ? [`complete -c rxshim -n ${when} -xa '(__fish_complete_subcommand)'`] : [];
    return [...words, ...flags, ...rest];
  };

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
