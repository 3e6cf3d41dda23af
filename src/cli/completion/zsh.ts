/** The completion script for zsh. */
import type { CompletedCommand, CompletedOption } from './words.js';

export const zshScript = (commands: readonly CompletedCommand[]): string => `#compdef rxshim
# rxshim: completion for zsh
# rxshim completion zsh > "\${fpath[1]}/_rxshim"
${commands.map(functionOf).join('\n')}
if [[ $funcstack[1] == _rxshim ]]; then _rxshim "$@"; else compdef _rxshim rxshim; fi
`;

const functionOf = ({ path, options, children }: CompletedCommand): string => {
  const name = ['_rxshim', ...path].join('_');
  const specs = options.flatMap(specsOf);
  const isRun = path.join(' ') === 'run';
  if (children.length === 0) {
    const rest = isRun ? ["'(-)1:command: _command_names -e'", "'*::arguments: _normal'"] : ["'*: :_files'"];
    return `${name}() {\n  _arguments -s ${[...specs, ...rest].join(' ')}\n}`;
  }
  return `${name}() {
  local context state line
  _arguments -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' ')}
  case $state in
    command) _values command ${children.join(' ')} ;;
    rest) (( $+functions[${name}_$line[1]] )) && ${name}_$line[1] ;;
  esac
}`;
};

const specsOf = ({ long, short, takesValue, description }: CompletedOption): readonly string[] => {
  const text = `[${description.replaceAll(/[[\]:']/g, ' ')}]${takesValue ? ':value:_files' : ''}`;
  return [long, short ?? []].flat().map((option) => `'*${option}${text}'`);
};
