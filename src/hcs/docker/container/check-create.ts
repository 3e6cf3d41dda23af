/**
 * Refuses what the Engine API could not take, with its path: `HostConfig.Memory`, `Env[2]`.
 *
 * A daemon answers a field of the wrong type with a message of its JSON decoder that names no field, and a misspelt one
 * not at all. Unknown fields pass: newer daemons have more than this list.
 */
import { invalid } from '../../failures/errors.js';

type Check = (path: string, value: unknown) => void;

const expecting =
  (expected: string, holds: (value: unknown) => boolean): Check =>
  (path, value) => {
    if (!holds(value)) throw invalid(path, value, expected);
  };

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const text = expecting('text without NUL characters', isText);
const flag = expecting('true or false', (value) => typeof value === 'boolean');
const whole = expecting('a whole number', Number.isSafeInteger);
const notNegative = expecting(
  'a whole number that is not negative',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
const object = expecting('an object', isObject);

const listOf =
  (check: Check): Check =>
  (path, value) => {
    if (!Array.isArray(value)) throw invalid(path, value, 'a list');
    value.forEach((one, index) => check(`${path}[${index}]`, one));
  };

export const mapOf =
  (check: Check): Check =>
  (path, value) => {
    object(path, value);
    for (const [name, one] of Object.entries(value as object)) check(`${path}[${JSON.stringify(name)}]`, one);
  };

const oneOf = (...values: readonly string[]): Check =>
  expecting(`one of ${values.join(', ')}`, (value) => values.includes(value as string));

/** Checks the fields that are listed; `required` ones must be there. */
const fields =
  (checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (path, value) => {
    object(path, value);
    const given = value as Readonly<Record<string, unknown>>;
    const prefix = path === '' ? '' : `${path}.`;
    for (const name of required)
      if (given[name] === undefined) throw invalid(`${prefix}${name}`, undefined, 'a value');
    for (const [name, one] of Object.entries(given))
      if (one !== undefined && Object.hasOwn(checks, name)) checks[name]?.(`${prefix}${name}`, one);
  };

const pair = expecting(
  'NAME=value or NAME',
  (value) => isText(value) && !value.startsWith('=') && value !== '',
);
const port = expecting(
  'a port and a protocol such as 80/tcp',
  (value) => isText(value) && /^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/.test(value),
);
export const portBindings: Check = (path, value) => {
  object(path, value);
  for (const [name, bindings] of Object.entries(value as object)) {
    port(`${path}[${JSON.stringify(name)}]`, name);
    if (bindings !== null)
      listOf(fields({ HostIp: text, HostPort: text }))(`${path}[${JSON.stringify(name)}]`, bindings);
  }
};

const hostConfig = fields({
  Memory: notNegative,
  MemorySwap: whole,
  MemoryReservation: notNegative,
  NanoCpus: notNegative,
  CpuShares: notNegative,
  CpuPeriod: notNegative,
  CpuQuota: whole,
  CpusetCpus: text,
  PidsLimit: whole,
  Binds: listOf(text),
  Mounts: listOf(
    fields(
      {
        Type: oneOf('bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image'),
        Source: text,
        Target: text,
        ReadOnly: flag,
      },
      ['Type', 'Target'],
    ),
  ),
  Tmpfs: mapOf(text),
  NetworkMode: text,
  PortBindings: portBindings,
  PublishAllPorts: flag,
  Privileged: flag,
  ReadonlyRootfs: flag,
  CapAdd: listOf(text),
  CapDrop: listOf(text),
  SecurityOpt: listOf(text),
  ExtraHosts: listOf(text),
  Dns: listOf(text),
  GroupAdd: listOf(text),
  Init: flag,
  AutoRemove: expecting(
    'false: rxshim removes the container, as its exit code is lost otherwise',
    (value) => value === false,
  ),
  OomKillDisable: flag,
  PidMode: text,
  IpcMode: text,
  UsernsMode: text,
  Runtime: text,
  ShmSize: notNegative,
  Sysctls: mapOf(text),
  StorageOpt: mapOf(text),
  Ulimits: listOf(object),
  LogConfig: object,
  RestartPolicy: expecting(
    'the name "no": a container that is started again has more than one exit',
    (value) =>
      isObject(value) && (value['Name'] === '' || value['Name'] === 'no' || value['Name'] === undefined),
  ),
});

/** The fields that rxshim sets itself: how stdio is attached. */
const decided = expecting('no value: stdio says which streams are attached', (value) => value === undefined);

/** @throws RxshimError `invalidArgument` for a field of the wrong type. */
export const checkCreate = fields({
  Hostname: text,
  Domainname: text,
  User: text,
  Env: listOf(pair),
  Cmd: listOf(text),
  Entrypoint: listOf(text),
  WorkingDir: text,
  Labels: mapOf(text),
  ExposedPorts: mapOf(object),
  Volumes: mapOf(object),
  StopSignal: text,
  StopTimeout: notNegative,
  Healthcheck: fields({
    Test: listOf(text),
    Interval: notNegative,
    Timeout: notNegative,
    StartPeriod: notNegative,
    Retries: notNegative,
  }),
  NetworkDisabled: flag,
  HostConfig: hostConfig,
  NetworkingConfig: object,
  AttachStdin: decided,
  AttachStdout: decided,
  AttachStderr: decided,
  OpenStdin: decided,
  StdinOnce: decided,
});
