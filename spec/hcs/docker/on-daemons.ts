/** Runs specs once for each daemon that the machine has, each with a private one that ends with the file. */
import { request } from 'node:http';
import { afterAll, beforeAll } from '@jest/globals';
import { type DockerContainer, type DockerOptions, docker } from '../../../src/hcs/docker/index.js';
import { createTask, type Task, type TaskOptions } from '../../../src/index.js';
import {
  image,
  startDocker,
  startPodman,
  startRootlessDocker,
  startRootlessPodman,
  type TestDaemon,
} from '../../support/docker-daemons.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';

export interface OnDaemon {
  readonly name: TestDaemon['name'];
  readonly daemon: () => TestDaemon;
  /** The names of all containers that the daemon has. */
  containers(): Promise<readonly string[]>;
  /** A container without a network; what is not given is the specs' image. */
  container(options?: Partial<DockerOptions>): DockerContainer;
  /** A task that runs. */
  task(options?: Partial<DockerOptions>, more?: Partial<TaskOptions>): Promise<Task>;
  /** The same of a container that was made. */
  start(system: DockerContainer, more?: Partial<TaskOptions>): Promise<Task>;
}

const programs = { docker: 'dockerd', podman: 'podman' } as const;

/** By `npm run test:full`. */
export const isFull = process.env['RXSHIM_FULL'] === 'true';

/** These alone in the quick run, and all in the full one. */
export const quickly = (...names: readonly TestDaemon['name'][]): readonly TestDaemon['name'][] =>
  isFull ? ['docker', 'podman'] : names;

export const onEachDaemon = (
  title: string,
  specs: (on: OnDaemon) => void,
  names: readonly TestDaemon['name'][] = ['docker', 'podman'],
  /** Of dockerd. */
  flags: readonly string[] | (() => Promise<readonly string[]>) = [],
): void => {
  for (const name of names) {
    const begin = async (): Promise<TestDaemon> =>
      name === 'docker'
        ? startDocker(...(typeof flags === 'function' ? await flags() : flags))
        : startPodman();
    describeDaemon(title, specs, name, name, [programs[name]], begin);
  }
};

/** The same for rootless daemons. They have no control groups, so there are no limits and no pause. */
export const onEachRootlessDaemon = (title: string, specs: (on: OnDaemon) => void): void => {
  const needed = ['setpriv', 'useradd', 'newuidmap'];
  const docker = ['dockerd', 'rootlesskit', ...needed];
  describeDaemon(title, specs, 'docker', 'rootless docker', docker, startRootlessDocker);
  describeDaemon(title, specs, 'podman', 'rootless podman', ['podman', ...needed], startRootlessPodman);
};

const describeDaemon = (
  title: string,
  specs: (on: OnDaemon) => void,
  name: TestDaemon['name'],
  called: string,
  needed: readonly string[],
  begin: () => Promise<TestDaemon>,
): void =>
  describeWith(lackAsRoot(...needed, 'runc', 'busybox'))(`${title}, by ${called}`, () => {
    let daemon: TestDaemon | undefined;
    beforeAll(async () => {
      daemon = await begin();
    }, 60_000);
    afterAll(() => daemon?.remove(), 60_000);
    const running = (): TestDaemon => daemon as TestDaemon;
    const container = (options: Partial<DockerOptions> = {}): DockerContainer =>
      docker({ host: running().host, image, network: 'none', pull: 'never', ...options });
    let count = 0;
    const start = async (system: DockerContainer, more?: Partial<TaskOptions>): Promise<Task> => {
      const task = await createTask({ id: `t${count++}`, system, ...more });
      await task.init.start();
      return task;
    };
    specs({
      name,
      daemon: running,
      container,
      containers: async () => {
        const all = await ask<{ Names: string[] }[]>(running(), 'GET', '/containers/json?all=1');
        return all.map(({ Names }) => (Names[0] ?? '').replace(/^\//, ''));
      },
      task: (options, more) => start(container(options), more),
      start,
    });
  });

/** A request of another client. Answers the parsed body, or the status where there is none. */
export const ask = <T = number>({ socket }: TestDaemon, method: string, path: string): Promise<T> =>
  new Promise((resolve, reject) => {
    request({ socketPath: socket, method, path: `/v1.41${path}`, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve((text === '' ? response.statusCode : JSON.parse(text)) as T);
    })
      .on('error', reject)
      .end();
  });
