/**
 * `rxshim shim install`: parses the options, installs and reports.
 */
import { delimiter, dirname, resolve } from 'node:path';
import { badOption } from '../options/usage.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { install } from './install.js';
import type { Layout } from './layout.js';
import { uninstall } from './remove.js';
import { groupingOf, lingerOf } from './settings.js';
import { tryDaemon } from './try-daemon.js';

/** The options as parsed by commander. */
export interface InstallOptions {
  readonly prefix: string;
  readonly undo?: boolean;
  readonly grouping?: string;
  readonly linger?: string;
}

/** The location of this program's own parts. */
export interface Built {
  readonly version: string;
  readonly folder: string;
}

/** @throws CliError if the installation fails. */
export const installCommand = async (options: InstallOptions, built: Built): Promise<void> => {
  const prefix = prefixOf(options.prefix);
  const say = (line: string): unknown => descriptorWriter(1).write(`${line}\n`);
  if (options.undo) {
    const removed = uninstall(prefix);
    for (const file of removed) say(`removed ${file}`);
    return;
  }
  const layout = install({
    prefix,
    version: built.version,
    built: built.folder,
    grouping: groupingOf(options.grouping, '--grouping'),
    linger: lingerOf(options.linger, '--linger'),
  });
  say(`installed ${layout.launcher}`);
  say(`      and ${layout.library}, with its settings in ${layout.settings}`);
  if (layout.kept.length > 0)
    say(`kept, for daemons that started before and still run: ${layout.kept.join(', ')}`);
  say(`A daemon of it starts: ${Math.round(await tryDaemon(layout))} ms.`);
  say(whatNext(layout, options.prefix));
};

const prefixOf = (text: string): string => {
  if (text === '') throw badOption('--prefix', text, 'a folder');
  return resolve(text);
};

const whatNext = ({ launcher }: Layout, prefix: string): string => {
  const found = (process.env['PATH'] ?? '').split(delimiter).includes(dirname(launcher));
  const runtime = found ? 'io.containerd.rxshim.v1' : launcher;
  const self =
    process.env['npm_lifecycle_event'] === 'shim:install' ? 'npm run shim:install --' : 'rxshim shim install';
  return `
Next:
  ctr image pull docker.io/library/alpine:latest
  ctr run --rm --runtime ${runtime} docker.io/library/alpine:latest demo echo hello
To take it away again:
  ${self} --prefix ${prefix} --undo`;
};
