/**
 * `npm run test:kubernetes -- --kubeconfig FILE [--context C] [--image I] [--image-without-shell I] [PATTERN…]`: the specs of
 * the engine for Kubernetes over a cluster, or those whose path has one of the patterns. Needs the built package.
 *
 * All that it makes is in a namespace of its own, which is deleted at the end, also after Ctrl-C. What a run has left that
 * was killed is removed by a later one. The engine's own requests have the rights of docs/kubernetes-role.yaml alone, so
 * the kubeconfig must be that of a user who may create namespaces, roles and service accounts.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KubeConfig, loadYaml } from '@kubernetes/client-node';
import { ensure } from './ensure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    image: { type: 'string', default: 'busybox:1.37' },
    'image-without-shell': { type: 'string' },
  },
});
if (values.kubeconfig === undefined) {
  console.error('usage: npm run test:kubernetes -- --kubeconfig FILE [--context C] [--image I] [PATTERN…]');
  process.exit(2);
}
const kubeconfig = resolve(values.kubeconfig);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
if (values.context !== undefined) config.setCurrentContext(values.context);

/** @returns {Promise<any>} the answer as JSON; an error has its status. */
const call = async (
  /** @type {string} */ method,
  /** @type {string} */ path,
  /** @type {unknown} */ body = undefined,
) => {
  const server = new URL(config.getCurrentCluster()?.server ?? '');
  /** @type {any} */
  const options = {};
  await config.applyToHTTPSOptions(options);
  return new Promise((done, fail) => {
    const send = server.protocol === 'https:' ? overHttps : overHttp;
    const headers = { ...options.headers, 'Content-Type': 'application/json', Accept: 'application/json' };
    const sent = send(new URL(path, server), { ...options, method, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const { statusCode: status = 0 } = response;
      if (status < 400) return done(JSON.parse(text));
      fail(Object.assign(new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`), { status }));
    });
    sent.on('error', fail);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
};

const mark = 'io.rxshim.test';
const namespace = `rxshim-test-${randomUUID().slice(0, 8)}`;
const namespaces = '/api/v1/namespaces';

/** Resolves with whether it is gone: its pods end before it does. */
const removed = async (/** @type {string} */ name, within = 120_000) => {
  const until = Date.now() + within;
  try {
    await call('DELETE', `${namespaces}/${name}`);
    while (Date.now() < until) {
      await call('GET', `${namespaces}/${name}`);
      await new Promise((next) => setTimeout(next, 500));
    }
    return false;
  } catch (error) {
    if (/** @type {any} */ (error).status === 404) return true;
    throw error;
  }
};

/** A run takes minutes. */
const maxAge = 3 * 3_600_000;

const removeLeftovers = async () => {
  const { items = [] } = await call('GET', `${namespaces}?labelSelector=${mark}`);
  for (const { metadata } of items)
    if (Date.parse(metadata.creationTimestamp) < Date.now() - maxAge) await removed(metadata.name);
};

/** The token of a service account with the least role. */
const leastToken = async () => {
  const role = /** @type {any} */ (loadYaml(readFileSync(`${root}/docs/kubernetes-role.yaml`, 'utf8')));
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const subject = { kind: 'ServiceAccount', name: 'rxshim', namespace };
  const { apiVersion } = role;
  await call('POST', `${namespaces}/${namespace}/serviceaccounts`, { metadata: { name: 'rxshim' } });
  await call('POST', `${rbac}/roles`, role);
  await call('POST', `${rbac}/rolebindings`, {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'rxshim' },
    subjects: [subject],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
  });
  const answer = await call('POST', `${namespaces}/${namespace}/serviceaccounts/rxshim/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [], expirationSeconds: 7_200 },
  });
  return answer.status.token;
};

await ensure({ build: true });
process.chdir(root);
const { major, minor, gitVersion } = await call('GET', '/version');
const speaksV5 = Number(major) > 1 || Number.parseInt(minor, 10) >= 30;
await removeLeftovers();

/** @type {import('node:child_process').ChildProcess | undefined} */
let specs;
let isInterrupted = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    if (!isInterrupted) console.error(`\nending, and removing the namespace ${namespace}`);
    isInterrupted = true;
    specs?.kill('SIGTERM');
    // A runner that waits for a spec is not waited for.
    setTimeout(() => specs?.kill('SIGKILL'), 5_000).unref();
  });

const run = async () => {
  await call('POST', namespaces, { metadata: { name: namespace, labels: { [mark]: 'true' } } });
  const cluster = {
    kubeconfig,
    ...(values.context !== undefined && { context: values.context }),
    namespace,
    image: values.image,
    ...(values['image-without-shell'] !== undefined && { imageWithoutShell: values['image-without-shell'] }),
    speaksV5,
    token: await leastToken(),
  };
  if (isInterrupted) return 1;
  console.error(`Kubernetes ${gitVersion}, namespace ${namespace}, ${speaksV5 ? 'v5' : 'v4 alone'}`);
  const all = [
    'spec/contract/kubernetes',
    'spec/hcs/kubernetes',
    'spec/cli/run/kubernetes',
    'spec/examples/on-engines',
  ];
  const files = positionals.length > 0 ? positionals : all;
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  // One file after another: each may count the pods of the namespace.
  const more = ['--runInBand', '--testTimeout=180000', ...files];
  const env = { ...process.env, RXSHIM_TEST_CLUSTER: JSON.stringify(cluster) };
  // In a process group of its own, so that Ctrl-C of a terminal does not reach it before this program decides.
  specs = spawn(process.execPath, [...jest, ...more], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
    detached: true,
  });
  return new Promise((done) => specs?.once('close', (code) => done(code ?? 1)));
};

let status = 1;
try {
  status = await run();
} catch (error) {
  console.error(/** @type {any} */ (error).message);
} finally {
  const isGone = await removed(namespace).catch((error) => {
    console.error(error.message);
    return false;
  });
  if (!isGone) {
    console.error(`the namespace ${namespace} is still there: kubectl delete namespace ${namespace}`);
    status = 1;
  }
}
process.exit(isInterrupted ? 130 : status);
