/** `--bundle`: an OCI bundle, whose `config.json` says what its container runs. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { badOption, unreadable } from './usage.js';

export interface BundleChoice {
  /** Absolute. */
  readonly directory: string;
  /** The command of `config.json`. */
  readonly command: readonly string[];
}

interface Options {
  readonly bundle?: string;
  readonly tty?: boolean;
}

/** The options that `config.json` decides, and those that cannot be combined with a container of runc. */
const excluded = [
  ...['env', 'envFile', 'cwd', 'user'],
  ...['guest', 'container', 'docker', 'podman', 'dockerExec', 'podmanExec'],
  ...['kubernetes', 'kubernetesExec'],
];

/** @throws CliError for a directory without a readable `config.json`, and for options that have no meaning with it. */
export const bundleOf = (command: readonly string[], options: Options): BundleChoice | undefined => {
  const { bundle, tty = false } = options;
  if (bundle === undefined) return undefined;
  if (command.length > 0) throw badOption('COMMAND', command.join(' '), 'none with --bundle, which has it');
  const other = Object.keys(options).find((name) => excluded.includes(name));
  if (other !== undefined)
    throw badOption(
      '--bundle',
      bundle,
      `no --${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} beside it`,
    );
  const { args, terminal } = processOf(bundle);
  if (terminal !== tty)
    throw badOption(
      '--bundle',
      bundle,
      `${tty ? 'no -t' : '-t'}, as process.terminal of its config.json is ${terminal}`,
    );
  return { directory: resolve(bundle), command: args };
};

export const processOf = (
  bundle: string,
): { readonly args: readonly string[]; readonly terminal: boolean } => {
  const path = join(bundle, 'config.json');
  try {
    const { process } = JSON.parse(readFileSync(path, 'utf8'));
    return { args: process.args ?? [], terminal: process.terminal ?? false };
  } catch (cause) {
    throw unreadable('--bundle', path, cause);
  }
};
