/**
 * The configuration of the docker command: which context is current, where each context's daemon listens, and how to log
 * in to a registry. A missing file is no error; an unreadable one is.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { type Endpoint, parseHost, type TlsMaterial } from './endpoint.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The part of `config.json` that rxshim reads. */
export interface CommandConfig {
  readonly currentContext?: string;
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

export const configFolder = (env: Environment): string =>
  env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');

export const commandConfig = (env: Environment): CommandConfig =>
  (readJson(join(configFolder(env), 'config.json')) as CommandConfig | undefined) ?? {};

/** @throws RxshimError `notFound` for a context that does not exist. */
export const contextEndpoint = (name: string, env: Environment): Endpoint => {
  const contexts = join(configFolder(env), 'contexts');
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = readJson(join(contexts, 'meta', digest, 'meta.json')) as ContextMeta | undefined;
  const docker = meta?.Endpoints?.docker;
  if (docker?.Host === undefined)
    throw new RxshimError('notFound', `docker context ${JSON.stringify(name)}`, {
      invalid: { field: 'context', value: name },
    });
  return parseHost(
    docker.Host,
    `context ${name}`,
    tlsIn(join(contexts, 'tls', digest, 'docker'), docker.SkipTLSVerify),
  );
};

/** The certificates of a folder by the names that the docker command gives them. `undefined` where it holds none. */
export const tlsIn = (folder: string, insecure = false): TlsMaterial | undefined => {
  const files = (['ca', 'cert', 'key'] as const).flatMap((name) => {
    const path = join(folder, `${name}.pem`);
    return existsSync(path) ? [[name, readFileSync(path)] as const] : [];
  });
  if (files.length === 0 && !insecure) return undefined;
  return { ...Object.fromEntries(files), ...(insecure && { insecure }) };
};

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

const readJson = (path: string): unknown => {
  if (!existsSync(path)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (cause) {
    throw new RxshimError('failedPrecondition', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
};
