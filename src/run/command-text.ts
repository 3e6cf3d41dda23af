/** A command as a person would type it into a shell. */
export const commandText = (argv: readonly string[]): string => argv.map(quoted).join(' ');

const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
