/**
 * Validates the options of `run`. Every invalid option is reported here, before anything is opened or started.
 */
import { isatty } from 'node:tty';
import { hostSignals } from '../../hcs/signals/host.js';
import { windowsSignals } from '../../hcs/signals/windows.js';
import { type BridgeAddress, bridgeAddress } from './bridge-address.js';
import { bundleOf } from './bundle-choice.js';
import { type DaemonChoice, daemonOf } from './daemon-choice.js';
import { environmentOf } from './environment.js';
import { parseDuration } from './parse-duration.js';
import { badOption, CliError, excludes, exitCodes } from './usage.js';

/** The options as parsed by commander. */
export interface RunOptions {
  readonly tty?: boolean;
  readonly interactive?: boolean;
  readonly timeline?: boolean;
  readonly events?: string;
  readonly stopSignal?: string;
  readonly stopTimeout: string;
  readonly otlp?: string;
  readonly logLevel: string;
  readonly container?: string;
  readonly processIsolated?: string;
  readonly guest?: string;
  readonly guestRootfs?: string;
  readonly guestLayer?: readonly string[];
  readonly docker?: string;
  readonly podman?: string;
  readonly dockerExec?: string;
  readonly podmanExec?: string;
  readonly dockerOption?: readonly string[];
  readonly kubernetes?: string;
  readonly kubernetesExec?: string;
  readonly namespace?: string;
  readonly context?: string;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly timeout?: string;
  readonly name?: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly bundle?: string;
  readonly traceArguments?: boolean;
}

/** The guest to run the command in. */
export interface GuestChoice {
  readonly address: BridgeAddress;
  /** The root filesystem of its container, a path in the guest. */
  readonly rootfs: string | undefined;
  /** The layers of that root, the uppermost first. */
  readonly layers: readonly string[] | undefined;
}

export interface RunSettings {
  readonly command: readonly string[];
  readonly terminal: boolean;
  readonly interactive: boolean;
  readonly timeline: boolean;
  /** A path, or `-` for stdout. */
  readonly events: string | undefined;
  /** `undefined` forwards the signal that this program got. */
  readonly stopSignal: string | undefined;
  /** In milliseconds. */
  readonly grace: number;
  /** The settings of the process that differ from its defaults. */
  readonly process: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly user?: string;
  };
  /** In milliseconds, from its start. */
  readonly timeout: number | undefined;
  /** The id of its task. */
  readonly name: string | undefined;
  readonly json: boolean;
  /** The file of the page. */
  readonly html: string | undefined;
  /** Whether traces have the arguments of the command, which may be secrets. */
  readonly traceArguments: boolean;
  /** An OTLP/HTTP endpoint. */
  readonly otlp: string | undefined;
  readonly logLevel: LogLevel;
  /** The id of a Windows container to run it in. By default it runs on this host. */
  readonly container: string | undefined;
  /** `undefined` means this host. */
  readonly guest: GuestChoice | undefined;
  /** A container of Docker or Podman, or a pod of a cluster. `undefined` means this host. */
  readonly daemon: DaemonChoice | undefined;
  /** The absolute path of an OCI bundle, which runc runs. */
  readonly bundle: string | undefined;
}

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** @throws CliError that names the option and its value. */
export const runSettings = (given: readonly string[], options: RunOptions): RunSettings => {
  const bundle = bundleOf(given, options);
  const command = bundle?.command ?? given;
  const { tty = false, interactive = false, timeline = false, events, stopSignal, otlp, container } = options;
  if (command[0] === '') throw badOption('COMMAND', '', 'the name of an executable');
  if (container === '') throw badOption('--container', container, 'the id of a container');
  if (options.processIsolated !== undefined) throw notYet(options.processIsolated);
  if (tty && interactive && !isatty(0)) throw noTerminal();
  const { json = false, html, traceArguments = false, name, cwd, user, timeout } = options;
  if (json && (tty || timeline)) throw excludes('--json', tty ? '--tty' : '--timeline');
  if (json && events === '-') throw badOption('--events', events, 'a file with --json, which has stdout');
  if (html === '') throw badOption('--html', html, 'the path of a file');
  if (html !== undefined && (tty || json)) throw excludes('--html', tty ? '--tty' : '--json');
  if (name !== undefined && !isId(name))
    throw badOption('--name', name, 'letters and digits, and . _ - between them');
  if (cwd === '') throw badOption('--cwd', cwd, 'a directory');
  if (user === '') throw badOption('--user', user, 'a name, a number or UID:GID');
  const env = environmentOf(options.env, options.envFile);
  if (events === '') throw badOption('--events', events, 'the path of a file, or - for stdout');
  return {
    command,
    terminal: tty,
    interactive,
    timeline,
    events,
    stopSignal: stopSignal === undefined ? undefined : signalOf(stopSignal, container),
    grace: durationOf('--stop-timeout', options.stopTimeout),
    process: { ...(env && { env }), ...(cwd !== undefined && { cwd }), ...(user !== undefined && { user }) },
    timeout: timeout === undefined ? undefined : durationOf('--timeout', timeout),
    name,
    json,
    html,
    traceArguments,
    otlp: otlp === undefined ? undefined : urlOf(otlp),
    logLevel: levelOf(options.logLevel),
    guest: guestOf(options),
    daemon: daemonOf(options),
    bundle: bundle?.directory,
    container,
  };
};

/** In Docker's wording, which people search for. */
const noTerminal = (): CliError =>
  new CliError(
    '-ti: the input device is not a TTY; without -t the command reads what is piped in',
    exitCodes.usage,
  );

const guestOf = ({ guest, guestRootfs, guestLayer }: RunOptions): GuestChoice | undefined => {
  if (guest === undefined) {
    if (guestRootfs !== undefined) throw badOption('--guest-rootfs', guestRootfs, '--guest as well');
    if (guestLayer !== undefined) throw badOption('--guest-layer', guestLayer.join(), '--guest as well');
    return undefined;
  }
  const address = bridgeAddress('--guest', guest, ['unix', 'exec', 'tcp']);
  return { address, rootfs: guestRootfs, layers: guestLayer };
};

const signalOf = (text: string, container: string | undefined): string => {
  const table = container === undefined ? hostSignals() : windowsSignals({ supported: true });
  if (text !== '' && table.forText(text) !== undefined) return text;
  const example = container === undefined ? 'TERM or 15' : 'CTRLC or TERM';
  throw badOption('--stop-signal', text, `the name or number of a signal, such as ${example}`);
};

/** Opening a container is supported. Creating one needs the storage service, which is not. */
const notYet = (folder: string): CliError =>
  new CliError(
    `--process-isolated ${JSON.stringify(folder)}: making a container from a layer folder is not supported yet ` +
      '(attaching its scratch disk and layers is what is missing); run in one that exists: --container ID',
    exitCodes.failed,
  );

const durationOf = (option: string, text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined) throw badOption(option, text, 'a duration such as 500ms, 10s or 2m');
  return ms;
};

/** As the tasks of the library take it. */
const isId = (text: string): boolean =>
  text.length <= 76 && /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/.test(text);

const urlOf = (text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw badOption('--otlp', text, 'a URL such as http://localhost:4318');
};

const levelOf = (text: string): LogLevel => {
  const level = logLevels.find((known) => known === text);
  if (level === undefined) throw badOption('--log-level', text, `one of ${logLevels.join(', ')}`);
  return level;
};
