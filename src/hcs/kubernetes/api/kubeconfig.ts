/**
 * Reads the configuration of kubectl: kubeconfig files, contexts, certificates, tokens, exec plugins, OIDC and the
 * service account of a pod. All of it is done by @kubernetes/client-node, an optional package that only users of
 * clusters install.
 */
import type { RequestOptions } from 'node:https';
import { invalid, messageOf, RxshimError } from '../../failures/errors.js';
import type { ClusterOptions } from './cluster-options.js';

export interface KubeconfigAccess {
  readonly server: URL;
  readonly namespace: string | undefined;
  /** The agent in the options leads through a proxy, and must be used. */
  readonly isProxied: boolean;
  readonly options: RequestOptions;
}

const configs = new Map<string, Promise<Awaited<ReturnType<typeof load>>>>();

/** @throws RxshimError `notImplemented` without the package; `invalidArgument` for a context that is not there. */
export const kubeconfigAccess = async (options: ClusterOptions): Promise<KubeconfigAccess> => {
  const { kubeconfig = '', context = '' } = options;
  const key = `${kubeconfig}\0${context}`;
  const loading = configs.get(key) ?? load(options);
  configs.set(key, loading);
  loading.catch(() => configs.delete(key));
  const config = await loading;
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new RxshimError(
      'notFound',
      'find a cluster: no kubeconfig names one, and this program runs in none',
    );
  const request: RequestOptions = {};
  await config.applyToHTTPSOptions(request);
  const user = config.getCurrentUser();
  const authorization = user?.username && { Authorization: basic(user.username, user.password ?? '') };
  const { auth: _, ...rest } = request;
  return {
    server: urlOf(cluster.server),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    isProxied: cluster.proxyUrl !== undefined,
    options: {
      ...rest,
      headers: { ...(request.headers as Record<string, string>), ...authorization },
      ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
      ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
    },
  };
};

const load = async ({ kubeconfig, context }: ClusterOptions) => {
  const { KubeConfig } = await clientNode();
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new RxshimError('notFound', `read the kubeconfig ${kubeconfig ?? ''}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  // kubectl takes such an address (of kubectl proxy, say); the package only with this.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  if (context !== undefined) {
    if (config.getContextObject(context) === null)
      throw invalid(
        'context',
        context,
        `a context of the kubeconfig (${contextNames(config.getContexts())})`,
      );
    config.setCurrentContext(context);
  }
  return config;
};

/** In a pod without KUBERNETES_SERVICE_HOST and _PORT the package makes up an address with `undefined`. */
const urlOf = (server: string): URL => {
  try {
    return new URL(server);
  } catch (error) {
    throw invalid('server of the kubeconfig', server, 'a URL such as https://HOST:6443', error);
  }
};

const contextNames = (contexts: readonly { readonly name: string }[]): string =>
  contexts.map(({ name }) => name).join(', ') || 'which has none';

const clientNode = async () => {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    throw new RxshimError(
      'notImplemented',
      'read the configuration of a cluster: install @kubernetes/client-node, or give `server` and `token`',
      { cause: error },
    );
  }
};

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
