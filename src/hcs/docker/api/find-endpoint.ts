/**
 * Finds the daemon where the docker command finds it, and Podman's service where that has none.
 *
 * In this order: DOCKER_HOST, DOCKER_CONTEXT, the current context of the command's configuration, and the first socket
 * that exists: Docker's, the user's own (rootless Docker, Docker Desktop, rootless Podman), root's Podman.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { commandConfig, configFolder, contextEndpoint, type Environment, tlsIn } from './command-config.js';
import { type Endpoint, parseHost } from './endpoint.js';

/** @throws RxshimError `invalidArgument` for a DOCKER_HOST that is no host, `notFound` for a missing context. */
export const findEndpoint = (env: Environment = process.env): Endpoint => {
  const { DOCKER_HOST, DOCKER_CONTEXT } = env;
  if (DOCKER_HOST) return parseHost(DOCKER_HOST, 'DOCKER_HOST', tlsOf(env));
  const context = DOCKER_CONTEXT || commandConfig(env).currentContext;
  if (context && context !== 'default') return contextEndpoint(context, env);
  const sockets = socketsOf(env);
  return { kind: 'socket', path: sockets.find((path) => existsSync(path)) ?? (sockets[0] as string) };
};

/** Podman's service, wherever it listens: CONTAINER_HOST, else the socket of this user, else that of root. */
export const findPodman = (env: Environment = process.env): Endpoint => {
  const { CONTAINER_HOST } = env;
  if (CONTAINER_HOST) return parseHost(CONTAINER_HOST, 'CONTAINER_HOST');
  const sockets = [...podmanOfUser(env), rootPodman];
  return { kind: 'socket', path: sockets.find((path) => existsSync(path)) ?? rootPodman };
};

const rootPodman = '/run/podman/podman.sock';

const tlsOf = (env: Environment) => {
  const { DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH } = env;
  if (!DOCKER_TLS_VERIFY && !DOCKER_TLS) return undefined;
  return tlsIn(DOCKER_CERT_PATH || configFolder(env), !DOCKER_TLS_VERIFY) ?? {};
};

const socketsOf = (env: Environment): readonly string[] =>
  process.platform === 'win32'
    ? ['//./pipe/docker_engine', '//./pipe/podman-machine-default']
    : [
        '/var/run/docker.sock',
        ...(env['XDG_RUNTIME_DIR'] ? [join(env['XDG_RUNTIME_DIR'], 'docker.sock')] : []),
        join(env['HOME'] || homedir(), '.docker/run/docker.sock'),
        ...podmanOfUser(env),
        rootPodman,
      ];

const podmanOfUser = (env: Environment): readonly string[] => {
  const uid = process.getuid?.();
  const folder = env['XDG_RUNTIME_DIR'] || (uid === undefined ? undefined : `/run/user/${uid}`);
  return folder === undefined ? [] : [join(folder, 'podman/podman.sock')];
};
