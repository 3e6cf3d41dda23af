/** The engines, each by its entry point: options, and what it offers besides a compute system. */
import type { ObservedValueOf } from 'rxjs';
import type { ComputeSystem, ErrorKind } from 'rxshim';
import { type DockerContainer, docker, dockerExec, ensureImage, type podman, pullImage } from 'rxshim/docker';
import { connectGuest, type Guest, guestCommand, oneSocket, vsockSockets } from 'rxshim/guest';
import { type KubernetesPod, kubernetes } from 'rxshim/kubernetes';
import { local } from 'rxshim/local';
import { type RuncContainer, type RuncStats, runc, runcRegistry } from 'rxshim/runc';
import { attach, createContainer, listContainers, openContainer, type WindowsSystem } from 'rxshim/windows';
import { type Equal, is } from './equal.js';

export const onThisHost = (): void => {
  is<Equal<ReturnType<typeof local>, ComputeSystem>>(true);
  local({ id: 'a', env: { A: '1' }, foreground: true, detached: false });
  // @ts-expect-error an option that there is not
  local({ agrs: ['true'] });
  // @ts-expect-error true or false
  local({ detached: 'yes' });
};

export const byRunc = async (): Promise<void> => {
  is<Equal<ReturnType<typeof runc>, RuncContainer>>(true);
  const container = runc({ id: 'a', bundle: '/b', records: { directory: '/r' } });
  const stats = container.stats();
  is<Equal<ObservedValueOf<typeof stats>, RuncStats>>(true);
  container.checkpoint({ imagePath: '/c' });
  runcRegistry({ directory: '/r' });
  // @ts-expect-error an option that there is not
  runc({ id: 'a', bundle: '/b', agrs: ['true'] });
  // @ts-expect-error a container has a bundle
  runc({ id: 'a' });
  // @ts-expect-error a number of a user
  runc({ id: 'a', bundle: '/b', ioUid: 'root' });
  // @ts-expect-error a checkpoint has a place
  container.checkpoint({});
};

export const byDocker = (): void => {
  is<Equal<ReturnType<typeof docker>, DockerContainer>>(true);
  is<Equal<ReturnType<typeof podman>, DockerContainer>>(true);
  docker({ image: 'alpine', pull: 'never', command: ['true'], ports: ['8080:80'], memory: '64m' });
  docker({ image: 'alpine', HostConfig: { AutoRemove: false } });
  // @ts-expect-error an option that there is not
  docker({ image: 'alpine', agrs: ['true'] });
  // @ts-expect-error a container has an image
  docker({});
  // @ts-expect-error missing, always or never
  docker({ image: 'alpine', pull: 'sometimes' });
  // @ts-expect-error how long it lives is in milliseconds
  docker({ image: 'alpine', lifetime: '5m' });
  // @ts-expect-error a container is named
  dockerExec({ host: 'unix:///x' });
  // @ts-expect-error an image has a name
  pullImage({ image: 5 });
  void ensureImage;
};

export const byKubernetes = (): void => {
  is<Equal<ReturnType<typeof kubernetes>, KubernetesPod>>(true);
  kubernetes({ image: 'alpine', pullPolicy: 'IfNotPresent', env: { A: '1' } });
  // @ts-expect-error an option that there is not
  kubernetes({ image: 'alpine', agrs: ['true'] });
  // @ts-expect-error logs or attach
  kubernetes({ image: 'alpine', output: 'both' });
  // @ts-expect-error variables have names
  kubernetes({ image: 'alpine', env: ['A=1'] });
};

export const byGuest = (): void => {
  const connected = connectGuest(vsockSockets('/s'), { connectTimeout: 5 });
  is<Equal<ObservedValueOf<typeof connected>, Guest>>(true);
  connectGuest(oneSocket({ path: '/s' }));
  // @ts-expect-error an option that there is not
  connectGuest(vsockSockets('/s'), { timeout: 5 });
  // @ts-expect-error a field that records have not
  connectGuest(vsockSockets('/s'), { records: { directory: '/r', label: {} } });
  // @ts-expect-error an option that there is not
  guestCommand({ command: 'a', arguments: [] });
  // @ts-expect-error a guest has a transport
  connectGuest({});
};

export const byWindows = (): void => {
  is<Equal<ReturnType<typeof createContainer>, WindowsSystem>>(true);
  is<Equal<ReturnType<typeof attach>, ComputeSystem>>(true);
  // @ts-expect-error a container has an id
  createContainer({});
  // @ts-expect-error an option that there is not
  createContainer('a', {}, { timeout: 5 });
  // @ts-expect-error a timeout that there is not
  openContainer('a', { timeouts: { kill: 5 } });
  // @ts-expect-error an option that there is not
  listContainers({ owner: 'me' });
  // @ts-expect-error a container of the service, not its id
  attach('a');
};

export const kinds = (kind: ErrorKind): void => {
  // @ts-expect-error a kind that there is not
  void (kind === 'timeout');
};
