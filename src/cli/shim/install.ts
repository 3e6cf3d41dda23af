/**
 * Installs the shim where containerd finds it, and uninstalls it.
 *
 * Only files of an earlier installation are replaced, and uninstalling removes only those. The launcher is written
 * last, so that containerd never starts one without its bundle.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../hcs/failures/errors.js';
import { koffiBinary } from '../../hcs/native/call/koffi.js';
import { CliError, exitCodes } from '../options/usage.js';
import { type Layout, layoutOf } from './layout.js';
import { type EarlierFile, type InstallRecord, readRecord, replacedNow, writeRecord } from './record.js';
import { removeFile, removeStaleCaches } from './remove.js';
import { runningDaemons } from './running-daemons.js';
import { groupingOf, lingerOf, readSettings, settingsText } from './settings.js';

export interface Installation {
  readonly prefix: string;
  readonly version: string;
  /** The folder with the built shim. */
  readonly built: string;
  readonly grouping: string | undefined;
  readonly linger: string | undefined;
}

export interface Installed extends Layout {
  /** Files of an earlier installation that running daemons may still load. The next installation checks again. */
  readonly kept: readonly string[];
}

/** Returns where everything is. @throws CliError for invalid settings, existing foreign files, or missing parts. */
export const install = ({ prefix, version, built, grouping, linger }: Installation): Installed => {
  const layout = layoutOf(prefix);
  const before = readRecord(layout.record);
  const sources = sourcesOf(built, layout);
  const files = [...sources.keys(), layout.settings];
  refuseForeign([...files, layout.record], before, layout);
  const known = before === undefined ? {} : readSettings(layout.settings);
  const settings = settingsText({
    node: process.execPath,
    grouping: grouping ?? groupingOf(known.grouping, `${layout.settings}: grouping`) ?? 'pod',
    linger: linger ?? lingerOf(known.linger, `${layout.settings}: linger`),
    drain: known.drain,
  });

  try {
    const folders = [...makeFolders([dirname(layout.launcher), layout.library]), ...(before?.folders ?? [])];
    const isUsed = (file: string): boolean => files.includes(file);
    const earlier = [...(before?.files ?? []).map(replacedNow), ...(before?.earlier ?? [])].filter(
      ({ path }) => !isUsed(path),
    );
    // First, so that a failed installation can be undone.
    replace(layout.record, 0o644, (to) => writeRecord(to, { version, files, earlier, folders }));
    replace(layout.settings, 0o644, (to) => writeFileSync(to, settings));
    for (const [target, source] of sources) {
      if (target === layout.launcher)
        replace(target, 0o755, (to) => writeFileSync(to, withPrefix(readFileSync(source), prefix)));
      else replace(target, 0o644, (to) => copyFileSync(source, to));
    }
    const daemons = runningDaemons(layout.library);
    const mayBeLoaded = ({ replacedAt }: EarlierFile): boolean =>
      daemons.some(({ startedAt }) => startedAt <= replacedAt);
    const kept = earlier.filter(mayBeLoaded);
    for (const file of earlier) if (!kept.includes(file)) removeFile(file.path);
    for (const file of files) removeStaleCaches(file);
    replace(layout.record, 0o644, (to) => writeRecord(to, { version, files, earlier: kept, folders }));
    return { ...layout, kept: kept.map(({ path }) => path) };
  } catch (error) {
    throw new CliError(`cannot install into ${prefix}: ${messageOf(error)}`, exitCodes.failed, error);
  }
};

/** Maps each target path to its source. */
const sourcesOf = (built: string, { library, launcher }: Layout): ReadonlyMap<string, string> => {
  const binary = join(built, `launcher-${process.platform}-${process.arch}`);
  if (!existsSync(binary)) throw new CliError(withoutLauncher(), exitCodes.failed);
  const koffi = koffiBinary();
  if (koffi === undefined) {
    const target = `${process.platform}-${process.arch}`;
    throw new CliError(`the package koffi with its binary for ${target} is missing`, exitCodes.failed);
  }
  const bundle = readdirSync(built).filter((name) => name.endsWith('.cjs'));
  return new Map([
    ...bundle.map((name) => [join(library, name), join(built, name)] as const),
    [join(library, 'koffi.node'), koffi],
    [launcher, binary],
  ]);
};

const mark = 'rxshim-prefix:';

/** The launcher has room for a prefix of this length. */
const maxPrefix = 4_000;

/** The launcher with the prefix patched in, so that a copy of it finds the installation; see settings.c. */
const withPrefix = (launcher: Buffer, prefix: string): Buffer => {
  const at = launcher.indexOf(`${mark}\0`);
  const copy = Buffer.from(launcher);
  if (at !== -1 && Buffer.byteLength(prefix) < maxPrefix) copy.write(`${prefix}\0`, at + mark.length);
  return copy;
};

const withoutLauncher = (): string => {
  if (process.platform !== 'linux') return 'the containerd shim runs on Linux only';
  return (
    `there is no launcher for ${process.arch}: its build from a checkout needs a C compiler ` +
    '(apt-get install gcc libc6-dev)'
  );
};

const refuseForeign = (files: readonly string[], before: InstallRecord | undefined, layout: Layout): void => {
  const earlier = before?.earlier.map(({ path }) => path) ?? [];
  const own = new Set([layout.record, ...(before?.files ?? []), ...earlier]);
  const foreign = files.filter((file) => !own.has(file) && existsSync(file));
  if (foreign.length > 0) {
    throw new CliError(`not ours, so not overwritten: ${foreign.join(', ')}`, exitCodes.failed);
  }
};

/** The folders that had to be created, the innermost first. */
const makeFolders = (folders: readonly string[]): readonly string[] => {
  const made: string[] = [];
  for (const folder of folders) {
    for (let at = folder; !existsSync(at) && !made.includes(at); at = dirname(at)) made.push(at);
    mkdirSync(folder, { recursive: true });
  }
  return made.sort((a, b) => b.length - a.length);
};

/** Atomic: running programs keep the old file, and no reader sees half of the new one. */
const replace = (target: string, mode: number, write: (to: string) => void): void => {
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}`);
  try {
    write(beside);
    chmodSync(beside, mode);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
};
