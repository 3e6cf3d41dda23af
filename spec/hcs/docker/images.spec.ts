import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { credentialsFor } from '../../../src/hcs/docker/image/credentials.js';
import { parseReference } from '../../../src/hcs/docker/image/reference.js';
import { ensureImage, pullImage } from '../../../src/hcs/docker/index.js';
import { type FakeDaemon, fakeDaemon, sendJson } from '../../../tools/docker-vectors/fake-daemon.js';

type Pull = (response: ServerResponse) => void;

const headers = { 'api-version': '1.41', server: 'Docker/20.10 (linux)' };

const withDaemon = async <T>(
  pull: Pull,
  has: boolean,
  use: (daemon: FakeDaemon) => Promise<T>,
): Promise<T> => {
  const daemon = await fakeDaemon(headers, {
    answer: ({ path }, response) => {
      if (path === '/images/create') pull(response);
      else sendJson(response, has ? 200 : 404, has ? {} : { message: 'No such image' });
    },
    upgrade: () => false,
  });
  try {
    return await use(daemon);
  } finally {
    await daemon.close();
  }
};

const streamed =
  (...lines: readonly object[]): Pull =>
  (response) =>
    void response.end(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(''));

describe('an image', () => {
  test('is pulled with its progress, by name and tag', async () => {
    const pull = streamed(
      { status: 'Pulling from library/alpine', id: '3.20' },
      { status: 'Downloading', progressDetail: { current: 5, total: 10 }, id: 'abc' },
      { status: 'Status: Downloaded newer image' },
    );
    await withDaemon(pull, false, async (daemon) => {
      const progress = await lastValueFrom(pullImage('alpine:3.20', { host: daemon.host }).pipe(toArray()));
      expect(progress).toEqual([
        { status: 'Pulling from library/alpine', id: '3.20' },
        { status: 'Downloading', id: 'abc', current: 5, total: 10 },
        { status: 'Status: Downloaded newer image' },
      ]);
      const { query } = daemon.asked.at(-1) as FakeDaemon['asked'][number];
      expect([query.get('fromImage'), query.get('tag')]).toEqual(['alpine', '3.20']);
    });
  });

  test.each([
    [
      'a missing tag, by its status',
      'notFound',
      (response: ServerResponse) =>
        sendJson(response, 404, { message: 'manifest for x not found: manifest unknown' }),
    ],
    [
      'a missing tag, in its progress',
      'notFound',
      streamed({ errorDetail: { message: 'manifest unknown' }, error: 'manifest unknown' }),
    ],
    [
      'a registry that wants other credentials',
      'permissionDenied',
      (response: ServerResponse) =>
        sendJson(response, 500, { message: 'unauthorized: authentication required' }),
    ],
    [
      'credentials that are refused in its progress',
      'permissionDenied',
      streamed({ error: 'denied: requested access to the resource is denied' }),
    ],
    [
      'a registry that cannot be reached',
      'unavailable',
      (response: ServerResponse) =>
        sendJson(response, 500, {
          message: 'Get "https://r.example/v2/": dial tcp: lookup r.example: no such host',
        }),
    ],
    [
      'a connection that is cut off',
      'unavailable',
      (response: ServerResponse) => {
        response.write('{"status":"Pulling"}\n');
        setTimeout(() => response.destroy(), 20);
      },
    ],
  ])('fails for %s', async (_, kind, pull) => {
    await withDaemon(pull as Pull, false, async ({ host }) => {
      await expect(pullImage('r.example/x:1', { host })).rejects.toMatchObject({ kind });
    });
  });

  test('fails for a daemon that does not run', async () => {
    await expect(pullImage('x', { host: 'unix:///no/such/socket' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });

  test('is pulled only where it is missing, if it is to be ensured', async () => {
    for (const has of [true, false]) {
      await withDaemon(streamed({ status: 'done' }), has, async (daemon) => {
        await ensureImage('alpine', { host: daemon.host });
        expect(daemon.asked.some(({ path }) => path === '/images/create')).toBe(!has);
      });
    }
  });

  test.each([
    ['alpine', 'https://index.docker.io/v1/', 'alpine', 'latest'],
    ['docker.io/library/alpine:3', 'https://index.docker.io/v1/', 'docker.io/library/alpine', '3'],
    ['localhost:5000/a/b', 'localhost:5000', 'localhost:5000/a/b', 'latest'],
    ['ghcr.io/a/b:1.2', 'ghcr.io', 'ghcr.io/a/b', '1.2'],
    [`a/b@sha256:${'0'.repeat(64)}`, 'https://index.docker.io/v1/', 'a/b', `sha256:${'0'.repeat(64)}`],
  ])('%s is taken apart', (image, registry, name, tag) => {
    expect(parseReference(image)).toEqual({ registry, name, tag });
  });
});

describe('credentials', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rx-credentials-'));
    mkdirSync(join(folder, 'bin'));
    const helper = join(folder, 'bin/docker-credential-spec');
    writeFileSync(
      helper,
      '#!/bin/sh\nread registry\ncase $registry in\nknown.example) echo \'{"Username":"me","Secret":"s"}\' ;;\ntoken.example) echo \'{"Username":"<token>","Secret":"t"}\' ;;\n*) echo "credentials not found in native keychain"; exit 1 ;;\nesac\n',
    );
    chmodSync(helper, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const env = (config: object) => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    return { DOCKER_CONFIG: folder, PATH: `${folder}/bin:/usr/bin:/bin` };
  };

  test('come from the configuration', async () => {
    const auth = Buffer.from('me:a:b').toString('base64');
    expect(await credentialsFor('r.example', env({ auths: { 'r.example': { auth } } }))).toEqual({
      username: 'me',
      password: 'a:b',
      serveraddress: 'r.example',
    });
    expect(await credentialsFor('other.example', env({ auths: {} }))).toBeUndefined();
  });

  test('come from a helper, which may know none', async () => {
    const config = env({ credsStore: 'spec' });
    expect(await credentialsFor('known.example', config)).toMatchObject({ username: 'me', password: 's' });
    expect(await credentialsFor('token.example', config)).toMatchObject({ identitytoken: 't' });
    expect(await credentialsFor('other.example', config)).toBeUndefined();
    await expect(credentialsFor('x', env({ credsStore: 'nosuch' }))).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});
