/** A kubeconfig file, as kubectl reads it. JSON is YAML as well. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KubeconfigFile {
  readonly path: string;
  remove(): void;
}

export interface KubeconfigParts {
  readonly server: string;
  readonly namespace?: string;
  /** More of the cluster: its authority, say. */
  readonly cluster?: object;
  /** The user, as kubeconfig describes it. */
  readonly user?: object;
  /** The contexts beside `main`: each has the namespace of its name. */
  readonly contexts?: readonly string[];
}

export const kubeconfigFile = ({
  server,
  namespace,
  cluster = {},
  user = {},
  contexts = [],
}: KubeconfigParts): KubeconfigFile => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-kubeconfig-'));
  const path = join(folder, 'config');
  const context = (name: string, space: string | undefined) => ({
    name,
    context: { cluster: 'c', user: 'u', ...(space !== undefined && { namespace: space }) },
  });
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [context('main', namespace), ...contexts.map((name) => context(name, name))],
  };
  writeFileSync(path, JSON.stringify(document));
  return { path, remove: () => rmSync(folder, { recursive: true }) };
};
