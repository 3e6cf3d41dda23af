import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseHost } from '../../../src/hcs/docker/api/endpoint.js';
import { findEndpoint, findPodman } from '../../../src/hcs/docker/api/find-endpoint.js';
import { docker } from '../../../src/hcs/docker/index.js';
import { createTask, run, text } from '../../../src/index.js';
import { image } from '../../support/docker-daemons.js';
import { onEachDaemon } from './on-daemons.js';
import { overSsh } from './over-ssh.js';

/** A folder that is removed after the specs of a group. */
const folderOfSpecs = (): (() => string) => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rx-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
};

/** As `docker context create` does it. */
const writeContext = (
  config: string,
  name: string,
  host: string,
  certificates?: Readonly<Record<string, Buffer>>,
): void => {
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = join(config, 'contexts/meta', digest);
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } }),
  );
  if (certificates === undefined) return;
  const tls = join(config, 'contexts/tls', digest, 'docker');
  mkdirSync(tls, { recursive: true });
  for (const [file, content] of Object.entries(certificates))
    writeFileSync(join(tls, `${file}.pem`), content);
};

describe('the daemon is found', () => {
  const folder = folderOfSpecs();

  test('by DOCKER_HOST before DOCKER_CONTEXT, before the current context', () => {
    const DOCKER_CONFIG = folder();
    writeContext(DOCKER_CONFIG, 'current', 'tcp://current:1');
    writeContext(DOCKER_CONFIG, 'chosen', 'ssh://me@chosen:2222');
    writeFileSync(join(DOCKER_CONFIG, 'config.json'), '{"currentContext": "current"}');
    const env = { DOCKER_CONFIG };
    expect(findEndpoint(env)).toEqual({ kind: 'tcp', host: 'current', port: 1 });
    expect(findEndpoint({ ...env, DOCKER_CONTEXT: 'chosen' })).toEqual({
      kind: 'ssh',
      host: 'chosen',
      user: 'me',
      port: 2222,
    });
    expect(findEndpoint({ ...env, DOCKER_CONTEXT: 'chosen', DOCKER_HOST: 'unix:///x.sock' })).toEqual({
      kind: 'socket',
      path: '/x.sock',
    });
    expect(findEndpoint({ ...env, DOCKER_CONTEXT: 'default' })).toMatchObject({ kind: 'socket' });
    expect(findPodman({ CONTAINER_HOST: 'unix:///p.sock' })).toEqual({ kind: 'socket', path: '/p.sock' });
  });

  test('not by a context that does not exist, or a configuration that cannot be read', () => {
    const DOCKER_CONFIG = join(folder(), 'broken');
    mkdirSync(DOCKER_CONFIG);
    expect(() => findEndpoint({ DOCKER_CONFIG, DOCKER_CONTEXT: 'nosuch' })).toThrow(
      /docker context "nosuch"/,
    );
    writeFileSync(join(DOCKER_CONFIG, 'config.json'), '{');
    expect(() => findEndpoint({ DOCKER_CONFIG })).toThrow(/cannot read .*config\.json/);
  });
});

test.each([
  ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
  ['npipe:////./pipe/podman-machine-default', { kind: 'socket', path: '//./pipe/podman-machine-default' }],
  ['unix:///run/a b.sock', { kind: 'socket', path: '/run/a b.sock' }],
  ['tcp://h', { kind: 'tcp', host: 'h', port: 2375 }],
  ['tcp://[::1]:99', { kind: 'tcp', host: '::1', port: 99 }],
  ['https://h', { kind: 'tcp', host: 'h', port: 2376, tls: {} }],
  ['ssh://a%20b@h', { kind: 'ssh', host: 'h', user: 'a b' }],
])('the host %s is parsed', (host, endpoint) => {
  expect(parseHost(host)).toEqual(endpoint);
});

test.each(['', 'h', 'npipe://', 'unix://', 'fd://3', 'ssh://-oProxyCommand=x', 'ssh://h/path', 'tcp://'])(
  'the host %j is refused',
  (host) => {
    expect(() => parseHost(host)).toThrow(/host/);
  },
);

const secured = { folder: '', host: '' };
const openssl = (...args: readonly string[]): void => {
  execFileSync('openssl', args, { cwd: secured.folder, stdio: 'ignore' });
};
const pem = (name: string): Buffer => readFileSync(join(secured.folder, name));

/** An authority, and a key with a certificate of it for each name. */
const makeCertificates = (authority: string, ...names: readonly string[]): void => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...key, '-keyout', `${authority}.key`, '-out', `${authority}.pem`],
    ...['-days', '2', '-subj', `/CN=${authority}`],
  );
  writeFileSync(join(secured.folder, 'ext'), 'subjectAltName=IP:127.0.0.1');
  for (const name of names) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`],
      ...['-CAcreateserial', '-days', '2', '-extfile', 'ext', '-out', `${name}.pem`],
    );
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const tlsFlags = async (): Promise<readonly string[]> => {
  secured.folder = mkdtempSync(join(tmpdir(), 'rx-tls-'));
  makeCertificates('authority', 'server', 'client');
  makeCertificates('stranger', 'unknown');
  secured.host = `tcp://127.0.0.1:${await freePort()}`;
  const at = (name: string): string => join(secured.folder, name);
  return [
    `--host=${secured.host}`,
    '--tlsverify',
    ...[
      `--tlscacert=${at('authority.pem')}`,
      `--tlscert=${at('server.pem')}`,
      `--tlskey=${at('server.key')}`,
    ],
  ];
};

afterAll(() => {
  if (secured.folder !== '') rmSync(secured.folder, { recursive: true });
});

onEachDaemon(
  'a daemon over TLS',
  () => {
    const client = () => ({ ca: pem('authority.pem'), cert: pem('client.pem'), key: pem('client.key') });
    const container = (options: Partial<Parameters<typeof docker>[0]>) =>
      docker({ image, network: 'none', pull: 'never', command: ['cat'], ...options });
    const echo = async (system: ReturnType<typeof docker>): Promise<string> => {
      const task = await createTask({ id: 't', system, stdio: { stdin: 'pipe', stdout: 'pipe' } });
      await task.init.start();
      await task.init.stdin?.write(Buffer.from('over tls'));
      await task.init.closeIo();
      const output = await text(task.init.stdout);
      expect(await task.wait()).toMatchObject({ status: 0 });
      await task.delete();
      return output;
    };
    const failure = (options: Partial<Parameters<typeof docker>[0]>): Promise<unknown> =>
      Promise.resolve(createTask({ id: 't', system: container(options) })).then(
        () => undefined,
        (error) => error,
      );

    test('takes a client with a certificate, and its input ends by a half-close', async () => {
      expect(await echo(container({ host: secured.host, tls: client() }))).toBe('over tls');
    });

    test('is found with its certificates by a context', async () => {
      const { folder, host } = secured;
      const DOCKER_CONFIG = join(folder, 'config');
      writeContext(DOCKER_CONFIG, 'secured', host, client());
      const before = { ...process.env };
      Object.assign(process.env, { DOCKER_CONFIG, DOCKER_CONTEXT: 'secured' });
      delete process.env['DOCKER_HOST'];
      try {
        expect(await echo(container({}))).toBe('over tls');
      } finally {
        process.env = before;
      }
    });

    test('refuses a client without a certificate or with one of another authority', async () => {
      const { ca } = client();
      expect(await failure({ host: secured.host, tls: { ca } })).toMatchObject({ kind: 'unavailable' });
      const other = { ca, cert: pem('unknown.pem'), key: pem('unknown.key') };
      expect(await failure({ host: secured.host, tls: other })).toMatchObject({ kind: 'unavailable' });
    });

    test('is refused if its certificate is of another authority, unless that is asked for', async () => {
      const { cert, key } = client();
      const wrong = { ca: pem('stranger.pem'), cert, key };
      expect(await failure({ host: secured.host, tls: wrong })).toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(/certificate|self.signed|issuer/i),
      });
      expect(await echo(container({ host: secured.host, tls: { ...wrong, insecure: true } }))).toBe(
        'over tls',
      );
    });
  },
  ['docker'],
  tlsFlags,
);

onEachDaemon(
  'a daemon on another host',
  (on) => {
    const overSshd = async (use: () => Promise<void>): Promise<void> => {
      const there = overSsh(on.daemon().socket, true);
      const { DOCKER_HOST } = process.env;
      process.env['DOCKER_HOST'] = 'ssh://user@remote.example:2222';
      try {
        await use();
      } finally {
        there.close();
        if (DOCKER_HOST === undefined) delete process.env['DOCKER_HOST'];
        else process.env['DOCKER_HOST'] = DOCKER_HOST;
      }
    };

    test('is reached by DOCKER_HOST over ssh and docker system dial-stdio, and input ends by a half-close', () =>
      overSshd(async () => {
        const { stdout, status } = await run(
          docker({ image, network: 'none', pull: 'never' }),
          ['sh', '-c', 'cat; exit 3'],
          {
            input: 'over ssh',
            reject: false,
          },
        );
        expect({ stdout, status }).toEqual({ stdout: 'over ssh', status: 3 });
      }));

    test('that has ended fails with the message of ssh', () =>
      overSshd(async () => {
        await on.daemon().kill();
        const system = docker({ image, network: 'none', pull: 'never' });
        await expect(createTask({ id: 't', system })).rejects.toMatchObject({
          kind: 'unavailable',
          message: expect.stringMatching(/ssh .*(connect|refused|no such file)/i),
        });
        await on.daemon().start();
      }));
  },
  ['docker'],
);
