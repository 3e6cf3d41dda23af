/**
 * A connection to one API server: its address, and the credentials for each request.
 *
 * Either given as plain options (`server`, `token`, certificates), which needs no further package, or read by
 * @kubernetes/client-node as kubectl would.
 */
import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { invalid } from '../../failures/errors.js';
import type { ApiRequest } from './api-request.js';
import type { ClusterOptions } from './cluster-options.js';

export interface Cluster {
  /** Resolves with the address and the credentials of the next request; an exec plugin may renew them. */
  access(): Promise<Access>;
  /** After an answer of 401: the next request gets new ones. */
  forget(): void;
  readonly reconnectTimeout: number;
  /** Identifies what shares a watch. */
  readonly key: string;
  /** Answers in place of the server: for simulations. */
  readonly answer?: (request: ApiRequest, signal: AbortSignal | undefined) => Promise<IncomingMessage>;
}

export interface Access {
  readonly server: URL;
  /** The namespace of the context. */
  readonly namespace: string | undefined;
  /** Certificates, headers and agent of a request. */
  readonly options: RequestOptions;
}

const names = ['kubeconfig', 'context', 'server', 'token', 'ca', 'cert', 'key'] as const;

/** The names of the options, for those who check that no other is given. */
export const clusterOptionNames: readonly string[] = [...names, 'reconnectTimeout'];

const clusters = new Map<string, Cluster>();

/** Returns the same cluster for the same options, so that callers share connections. @throws RxshimError `invalidArgument` */
export const clusterOf = (options: ClusterOptions): Cluster => {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw invalid(name, value, 'text');
  }
  const { reconnectTimeout = 60_000 } = options;
  if (typeof reconnectTimeout !== 'number' || !(reconnectTimeout >= 0 && reconnectTimeout < 2 ** 31))
    throw invalid('reconnectTimeout', reconnectTimeout, 'milliseconds');
  const key = JSON.stringify([...names.map((name) => options[name]), reconnectTimeout]);
  const known = clusters.get(key);
  if (known !== undefined) return known;
  const read = options.server === undefined ? readKubeconfig(options) : plainAccess(options);
  let access: { readonly value: Promise<Access>; readonly until: number } | undefined;
  const cluster: Cluster = {
    key,
    reconnectTimeout,
    access: () => {
      // Reading certificates and tokens for each request would cost more than the request.
      if (access === undefined || access.until < Date.now())
        access = { value: read(), until: Date.now() + maxAge };
      const { value } = access;
      value.catch(() => cluster.forget());
      return value;
    },
    forget: () => {
      access = undefined;
    },
  };
  clusters.set(key, cluster);
  return cluster;
};

const maxAge = 10_000;

const plainAccess = ({ server = '', token, ca, cert, key }: ClusterOptions): (() => Promise<Access>) => {
  let url: URL;
  try {
    url = new URL(server);
  } catch (error) {
    throw invalid('server', server, 'a URL such as https://HOST:6443', error);
  }
  if (!/^https?:$/.test(url.protocol)) throw invalid('server', server, 'a URL such as https://HOST:6443');
  const options = {
    agent: agentFor(url),
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  return () => Promise.resolve({ server: url, namespace: undefined, options });
};

const readKubeconfig = (options: ClusterOptions): (() => Promise<Access>) => {
  let agent: HttpAgent | undefined;
  return async () => {
    const { kubeconfigAccess } = await import('./kubeconfig.js');
    const { server, namespace, isProxied, options: found } = await kubeconfigAccess(options);
    agent ??= agentFor(server);
    return { server, namespace, options: isProxied ? found : { ...found, agent } };
  };
};

/** Short requests share connections. Streams have one each. */
const agentFor = ({ protocol }: URL): HttpAgent => {
  const options = { keepAlive: true, maxSockets: 32, maxFreeSockets: 8 };
  return protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
};

/** The namespace that was given, that of the context, or `default`. */
export const namespaceOf = (given: string | undefined, { namespace }: Access): string =>
  given ?? namespace ?? 'default';

/** A DNS subdomain, as pods may have it. */
export const requirePodName = (field: string, value: unknown): string => {
  if (typeof value !== 'string' || value.length > 253 || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value))
    throw invalid(field, value, 'a name of at most 253 lower-case letters, digits, - and .');
  return value;
};

/** A DNS label, as the names of pods and namespaces are. */
export const requireName = (field: string, value: unknown): string => {
  if (typeof value !== 'string' || value.length > 63 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value))
    throw invalid(field, value, 'a name of at most 63 lower-case letters, digits and -');
  return value;
};
