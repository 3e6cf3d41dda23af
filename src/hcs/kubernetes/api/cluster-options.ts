/** How a cluster is found and spoken to. */

/** Which cluster, and as which user. Without `server`: as kubectl finds it, by @kubernetes/client-node. */
export interface ClusterOptions {
  /** The path of a kubeconfig file. Default: KUBECONFIG, `~/.kube/config`, or the service account of this pod. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig. Default: its current one. */
  readonly context?: string;
  /** The URL of an API server, used instead of a kubeconfig. */
  readonly server?: string;
  /** For `server`: a bearer token. */
  readonly token?: string;
  /** For `server`: the certificate of its authority, as PEM text. */
  readonly ca?: string;
  /** For `server`: a client certificate and its key, as PEM text. */
  readonly cert?: string;
  readonly key?: string;
  /** How long an API server that cannot be reached is tried again, in milliseconds. Default: 60000. */
  readonly reconnectTimeout?: number;
}
