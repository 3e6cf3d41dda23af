/** How a cluster is found and spoken to, as kubectl does it: with servers that show what they were sent. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { type ClusterOptions, kubernetes, kubernetesRegistry } from '../../../src/hcs/kubernetes/index.js';
import { createTask, listTasks } from '../../../src/index.js';
import { kubeconfigFile } from '../../support/kubernetes/kubeconfig.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';

/** The program with all packages but the optional one, in the checkout, where that one is found. */
const listsTasks = fileURLToPath(
  new URL(`../../../dist-tools/lists-tasks-${process.pid}.mjs`, import.meta.url),
);

const emptyList = JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '1' }, items: [] });

describe('a cluster is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-pki-'));
  const file = (name: string): string => join(folder, name);
  const pem = (name: string): string => readFileSync(file(name), 'utf8');
  const seen: { authorization: string | undefined; url: string | undefined; client: string | undefined }[] =
    [];
  const show: RequestListener = ({ headers, url, socket }, response) => {
    const subject = (socket as Partial<TLSSocket>).getPeerCertificate?.()?.subject;
    seen.push({ authorization: headers.authorization, url, client: subject?.CN as string | undefined });
    response.setHeader('Content-Type', 'application/json');
    response.end(emptyList);
  };
  const plain = createServer(show);
  let secure: TlsServer | undefined;
  const address = (server: { address(): unknown }): string =>
    `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };

  beforeAll(async () => {
    await build({
      entryPoints: [fileURLToPath(new URL('lists-tasks.ts', import.meta.url))],
      outfile: listsTasks,
      bundle: true,
      external: ['@kubernetes/client-node', 'koffi'],
      platform: 'node',
      format: 'esm',
      banner: {
        js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
      },
      logLevel: 'error',
    });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...key, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
    for (const [name, extension] of [
      ['server', 'subjectAltName=IP:127.0.0.1'],
      ['client', 'extendedKeyUsage=clientAuth'],
    ] as const) {
      const issuer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', extension];
      openssl(
        'req',
        '-x509',
        ...key,
        ...issuer,
        '-subj',
        `/CN=${name}`,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
      );
    }
    secure = createTlsServer(
      {
        key: pem('server.key'),
        cert: pem('server.pem'),
        ca: pem('ca.pem'),
        requestCert: true,
        rejectUnauthorized: false,
      },
      show,
    );
    for (const server of [plain, secure])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const server of [plain, secure]) {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    }
    rmSync(folder, { recursive: true });
    rmSync(listsTasks, { force: true });
  });

  const asked = async (options: ClusterOptions) => {
    await listTasks({ registry: kubernetesRegistry(options) });
    return seen.at(-1);
  };
  const asWritten = async (parts: Omit<Parameters<typeof kubeconfigFile>[0], 'server'>, isSecure = true) => {
    const server = isSecure ? `https://${address(secure as TlsServer)}` : `http://${address(plain)}`;
    const config = kubeconfigFile({ server, ...parts });
    try {
      return await asked({ kubeconfig: config.path });
    } finally {
      config.remove();
    }
  };
  const trusted = () => ({ 'certificate-authority': file('ca.pem') });

  it('by a bearer token and the certificate of its authority', async () => {
    expect(await asWritten({ cluster: trusted(), user: { token: 't-1' }, namespace: 'jobs' })).toMatchObject({
      authorization: 'Bearer t-1',
      url: expect.stringContaining('/namespaces/jobs/pods?'),
    });
  });

  it('by a client certificate, as files and as data', async () => {
    const files = { 'client-certificate': file('client.pem'), 'client-key': file('client.key') };
    expect(await asWritten({ cluster: trusted(), user: files })).toMatchObject({ client: 'client' });
    const data = (name: string): string => Buffer.from(pem(name)).toString('base64');
    const user = { 'client-certificate-data': data('client.pem'), 'client-key-data': data('client.key') };
    const cluster = { 'certificate-authority-data': data('ca.pem') };
    expect(await asWritten({ cluster, user })).toMatchObject({ client: 'client' });
  });

  it('by an exec plugin', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-a-plugin' },
    };
    const plugin = { command: 'echo', args: [JSON.stringify(credential)], apiVersion: credential.apiVersion };
    const user = { exec: { ...plugin, interactiveMode: 'Never' } };
    expect(await asWritten({ cluster: trusted(), user })).toMatchObject({
      authorization: 'Bearer from-a-plugin',
    });
  });

  it('by a name and a password', async () => {
    expect(await asWritten({ user: { username: 'a', password: 'b' } }, false)).toMatchObject({
      authorization: `Basic ${Buffer.from('a:b').toString('base64')}`,
    });
  });

  it('by plain options, without a kubeconfig', async () => {
    const options = { server: `https://${address(secure as TlsServer)}`, token: 't-2', ca: pem('ca.pem') };
    const certificate = { cert: pem('client.pem'), key: pem('client.key') };
    expect(await asked({ ...options, ...certificate })).toMatchObject({
      authorization: 'Bearer t-2',
      client: 'client',
    });
  });

  /** Runs the program with the service account of a pod, and with none of this machine's configuration. */
  const inAPod = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const account = join(folder, 'account');
    mkdirSync(account, { recursive: true });
    copyFileSync(file('ca.pem'), join(account, 'ca.crt'));
    writeFileSync(join(account, 'token'), 'of-the-account');
    writeFileSync(join(account, 'namespace'), 'of-the-pod');
    // In a mount namespace of its own, in which the folder of the service account is this one.
    const script = `
      set -e
      mount -t tmpfs tmpfs /run
      place=/var/run/secrets/kubernetes.io/serviceaccount
      mkdir -p $place
      cp ${account}/* $place
      exec "$@"
    `;
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['--mount', 'sh', '-c', script, 'sh', process.execPath, listsTasks],
      { env: { PATH: process.env['PATH'], HOME: folder, ...env } },
    );
    return stdout;
  };

  describeWith(lackAsRoot('unshare'))('in a pod', () => {
    it('by its service account and the environment', async () => {
      const [host = '', port = ''] = address(secure as TlsServer).split(':');
      const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
      expect(await inAPod(env)).toBe('0 tasks\n');
      expect(seen.at(-1)).toMatchObject({
        authorization: 'Bearer of-the-account',
        url: expect.stringContaining('/namespaces/of-the-pod/pods?'),
      });
    });

    it('not where no environment names its server', async () => {
      expect(await inAPod({})).toMatch(
        /^RxshimError invalidArgument: server of the kubeconfig: expected a URL such as .*undefined/,
      );
    });
  });

  it('not without @kubernetes/client-node, and the error says what to install', async () => {
    // A folder without packages, so that none is found.
    const alone = join(folder, 'alone.mjs');
    copyFileSync(listsTasks, alone);
    const { stdout } = await promisify(execFile)(process.execPath, [alone]);
    expect(stdout).toBe(
      'RxshimError notImplemented: read the configuration of a cluster: install @kubernetes/client-node, or give `server` and `token`: not implemented\n',
    );
  });

  it('not where its certificate is of another authority', async () => {
    await expect(asWritten({ user: { token: 't-3' } })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('not by a server that is no URL', async () => {
    const config = kubeconfigFile({ server: 'https://a b:6443', user: { token: 't' } });
    await expect(asked({ kubeconfig: config.path })).rejects.toMatchObject({ kind: 'invalidArgument' });
    config.remove();
  });

  it('not by a file that is not there, so that a task fails to start and can be deleted', async () => {
    const system = kubernetes({ kubeconfig: file('nosuch'), image: 'busybox' });
    const task = await createTask({ id: 'nowhere', system });
    await expect(task.init.start()).rejects.toMatchObject({ kind: 'notFound' });
    await task.delete();
  });

  it('and what a role lacks is named with its verb', async () => {
    const refusing = createServer((_, response) => {
      const status = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'pods is forbidden' };
      response.writeHead(403, { 'Content-Type': 'application/json' }).end(JSON.stringify(status));
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    await expect(asked({ server: `http://${address(refusing)}` })).rejects.toThrow(
      'list pods: pods is forbidden (the role must allow list on pods): permission denied',
    );
    refusing.closeAllConnections();
    await new Promise((resolve) => refusing.close(resolve));
  });
});
