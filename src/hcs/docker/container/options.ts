/**
 * The options of a container of a daemon, and their defaults.
 */
import { randomUUID } from 'node:crypto';
import { ownershipLabels } from '../../contract/ownership.js';
import { invalid } from '../../failures/errors.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { thisProgram } from '../../native/process/program-identity.js';
import { type Endpoint, parseHost, type TlsMaterial } from '../api/endpoint.js';
import { checkCreate } from './check-create.js';
import type { ContainerCreate } from './create-types.js';
import { applyShortForms, type ShortForms } from './short-forms.js';

/** Which daemon. Without `host` the one that the docker command would use. */
export interface DaemonOptions {
  /** `unix://PATH`, `npipe://PATH`, `tcp://HOST:PORT` or `ssh://[USER@]HOST`. */
  readonly host?: string;
  /** Certificates for `tcp`. */
  readonly tls?: TlsMaterial;
  /** How long a daemon that cannot be reached any more is looked for, in milliseconds. Default: 60000. */
  readonly reconnectTimeout?: number;
}

/** How processes are started beside a container's first one. */
export interface ExecOptions {
  /**
   * Whether an exec is refused, before anything is started, where no process of it could be signalled: with kind
   * `notImplemented`. Default `false`: then its `kill` fails.
   */
  readonly requireSignals?: boolean;
  /**
   * Whether each exec leaves its exit code in a file of its container, so that its exit is known also where the daemon
   * forgets it: after a restart. It is run by a script, which needs `sh` of the image. Default `false`.
   */
  readonly recordExits?: boolean;
}

/**
 * A container to be created: short forms (lower case), and any field of the Engine API's own document (upper case).
 */
export interface DockerOptions extends DaemonOptions, ExecOptions, ShortForms, ContainerCreate {
  readonly image: string;
  /** The name of the container with its daemon. Default: one that no other has. */
  readonly name?: string;
  /** When the image is pulled. Default `missing`. */
  readonly pull?: 'missing' | 'always' | 'never';
  /** `linux/arm64`, say. Default: the daemon's own. */
  readonly platform?: string;
  /** Marks the container as this program's, so that another run of it can find what is left of this one: see `listTasks`. */
  readonly owner?: string;
  /** This run of the program, with `owner`. Default: one that no other has. */
  readonly run?: string;
  /**
   * Milliseconds from its creation after which `reap` removes it, whether its program runs or not; one whose program has
   * ended is removed in any case. It does not end by itself. Default: none.
   */
  readonly lifetime?: number;
}

export interface Daemon {
  readonly endpoint: Endpoint;
  readonly reconnectTimeout: number;
}

export type ExecSettings = Required<ExecOptions>;

export interface Settings extends Daemon {
  readonly execs: ExecSettings;
  readonly image: string;
  readonly name: string;
  readonly pull: 'missing' | 'always' | 'never';
  readonly platform: string | undefined;
  readonly create: ContainerCreate;
}

/** The labels that rxshim gives to its containers. */
export const labels = { id: 'io.rxshim.id', program: 'io.rxshim.program' } as const;

/** Differs from run to run of a program: tells its own containers from those of an earlier run. */
export const thisRun = randomUUID();

export const daemonOptionNames = [
  'host',
  'tls',
  'reconnectTimeout',
] as const satisfies readonly (keyof DaemonOptions)[];

export const execOptionNames = [
  'requireSignals',
  'recordExits',
] as const satisfies readonly (keyof ExecOptions)[];

const names = {
  daemon: daemonOptionNames,
  execs: execOptionNames,
  own: ['image', 'name', 'pull', 'platform', 'owner', 'run', 'lifetime'],
  short: [
    'command',
    'entrypoint',
    'env',
    'workdir',
    'user',
    'hostname',
    'labels',
    'memory',
    'cpus',
    'pidsLimit',
    'network',
    'ports',
    'mounts',
    'readonly',
    'stopSignal',
    'init',
  ],
} as const;

/** @throws RxshimError `invalidArgument` for an option of the wrong type or one that there is not. */
export const resolveOptions = (options: DockerOptions, find: () => Endpoint): Settings => {
  if (typeof options !== 'object' || options === null) throw invalid('options', options, 'an object');
  const known: readonly string[] = [...names.daemon, ...names.execs, ...names.own, ...names.short];
  const entries = Object.entries(options);
  // The fields of the Engine API begin in upper case.
  requireKnown('', Object.fromEntries(entries.filter(([field]) => !/^[A-Z]/.test(field))), known);
  const {
    image,
    name = `rxshim-${randomUUID()}`,
    pull = 'missing',
    platform,
    owner,
    run = thisRun,
    lifetime,
  } = options;
  if (typeof image !== 'string' || image === '' || /\s/.test(image))
    throw invalid('image', image, 'the name of an image');
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][\w.-]+$/.test(name))
    throw invalid('name', name, 'a name of letters, digits and _ . - that begins with a letter or digit');
  if (!['missing', 'always', 'never'].includes(pull)) throw invalid('pull', pull, 'missing, always or never');
  if (platform !== undefined && typeof platform !== 'string') throw invalid('platform', platform, 'text');
  if (owner !== undefined && (typeof owner !== 'string' || owner === ''))
    throw invalid('owner', owner, 'the name of a program');
  if (lifetime !== undefined && !(typeof lifetime === 'number' && lifetime > 0))
    throw invalid('lifetime', lifetime, 'milliseconds');
  const given = Object.fromEntries(entries.filter(([field]) => /^[A-Z]/.test(field))) as ContainerCreate;
  checkCreate('', given);
  const short = Object.fromEntries(
    entries.filter(([field]) => (names.short as readonly string[]).includes(field)),
  ) as ShortForms;
  const create = applyShortForms(given, short);
  const program = thisProgram();
  return {
    ...resolveDaemon(options, find),
    execs: resolveExecs(options),
    image,
    name,
    pull,
    platform,
    create: {
      ...create,
      Image: image,
      Labels: {
        [labels.id]: name,
        ...(program !== undefined && { [labels.program]: program }),
        ...(owner !== undefined &&
          ownershipLabels({
            owner,
            run,
            ...(lifetime !== undefined && { expiresAt: Date.now() + Math.ceil(lifetime) }),
          })),
        ...create.Labels,
      },
    },
  };
};

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const resolveDaemon = (
  { host, tls, reconnectTimeout = 60_000 }: DaemonOptions,
  find: () => Endpoint,
): Daemon => {
  if (typeof reconnectTimeout !== 'number' || !(reconnectTimeout >= 0 && reconnectTimeout < 2 ** 31))
    throw invalid('reconnectTimeout', reconnectTimeout, 'milliseconds');
  if (tls !== undefined) requireKnown('tls', tls, ['ca', 'cert', 'key', 'insecure']);
  return { endpoint: host === undefined ? find() : parseHost(host, 'host', tls), reconnectTimeout };
};

/** @throws RxshimError `invalidArgument` for an option of the wrong type. */
export const resolveExecs = ({ requireSignals = false, recordExits = false }: ExecOptions): ExecSettings => {
  for (const [field, value] of Object.entries({ requireSignals, recordExits }))
    if (typeof value !== 'boolean') throw invalid(field, value, 'true or false');
  return { requireSignals, recordExits };
};
