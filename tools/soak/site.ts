/**
 * The containerd of a soak, with everything that is heard of it, and its restarts.
 *
 * A call that a restart cuts is made again when containerd is back; each caller then looks whether the first one had been
 * carried out.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { type Census, census } from '../../spec/support/containerd/census.js';
import { type Containerd, openContainerd } from '../../spec/support/containerd/containerd.js';
import { type Api, containerdApi } from './api.js';
import { nameOf } from './event-name.js';
import { eventGate, type Gate } from './gate.js';
import type { GrpcStream } from './grpc.js';
import { type Ledger, ledger } from './ledger.js';

export interface Site {
  readonly containerd: Containerd;
  readonly ledger: Ledger;
  readonly restarts: number;
  /** What is to be given to containerd as the runtime, so that the shim's events pass the gate. */
  runtimeOf(name: string, executable: string): string;
  /** The snapshot that all containers are made of. */
  readonly image: string;
  /** Makes a call, and makes it again, saying so, for as long as restarts come in between. */
  call<T>(act: (api: Api, again: boolean) => Promise<T>): Promise<T>;
  /** Makes a call once. @throws RestartError when a restart came in between. */
  callOnce<T>(act: (api: Api) => Promise<T>): Promise<T>;
  /** A container has been made: from now on its daemon's socket counts among what may be left. */
  seen(id: string): void;
  /** What is left of containers and daemons. */
  census(): Census;
  /** Ends containerd with this signal, and starts it again after so many milliseconds. */
  restart(signal: NodeJS.Signals, away: number): Promise<void>;
  /** Ends containerd and removes what is its own. */
  end(): Promise<void>;
}

/** A restart of containerd cut this call. */
export class RestartError extends Error {}

export const openSite = async (): Promise<Site> => {
  const containerd = await openContainerd();
  const at = (name: string): string => join(containerd.directory, name);
  const socket = at('containerd.sock');
  const events = ledger();
  const gate: Gate = eventGate(at('gate.sock'), `${socket}.ttrpc`, (envelope, answer, took) => {
    const event = nameOf(envelope);
    if (event !== undefined) events.forwarded(event.id, event.name, answer, took);
  });
  const api = containerdApi(socket, containerd.namespace);
  const sockets = new Set<string>();
  let stream: GrpcStream | undefined;
  let restarts = 0;
  let away: Promise<void> | undefined;

  const listen = async (): Promise<void> => {
    const probe = `/soak/${process.pid}/${restarts}`;
    let isHeard = false;
    stream = api.subscribe((envelope) => {
      if (envelope.topic === probe) isHeard = true;
      if (envelope.namespace !== containerd.namespace) return;
      const event = nameOf(envelope);
      if (event !== undefined) events.heard(event.id, event.name, event.status);
    });
    let isOver = false;
    void stream.ended.then(() => {
      isOver = true;
    });
    // The stream says nothing when it has begun: events are published until one is heard.
    while (!isHeard && !isOver) {
      await api.publish(probe, { typeUrl: 'soak.Probe', value: new Uint8Array(0) }).catch(() => undefined);
      await after(5);
    }
    // A containerd that has only just started may close its first connections.
    if (!isHeard) await listen();
  };

  const callOnce: Site['callOnce'] = async (act) => {
    await away;
    const before = restarts;
    try {
      return await act(api);
    } catch (error) {
      if (restarts !== before) throw new RestartError(String(error));
      throw error;
    }
  };

  const call: Site['call'] = async (act) => {
    for (let again = false; ; again = true) {
      try {
        return await callOnce((api) => act(api, again));
      } catch (error) {
        if (!(error instanceof RestartError)) throw error;
      }
    }
  };

  const image = chainOf(containerd);
  await listen();
  await gate.open();

  return {
    containerd,
    ledger: events,
    get restarts() {
      return restarts;
    },
    runtimeOf: (name, executable) => {
      const folder = at(`runtime-${name}`);
      mkdirSync(folder);
      const script = join(folder, 'containerd-shim-soak-v1');
      writeFileSync(script, `#!/bin/sh\nexport TTRPC_ADDRESS='${gate.path}'\nexec '${executable}' "$@"\n`);
      chmodSync(script, 0o755);
      return script;
    },
    image,
    call,
    callOnce,
    seen: (id) => {
      const address = read(join(containerd.bundle(id), 'address'));
      if (address !== undefined) sockets.add(address.trim().replace('unix://', ''));
    },
    census: () => census(containerd.namespace, at('state'), sockets),
    restart: (signal, milliseconds) => {
      const restart = async (): Promise<void> => {
        restarts += 1;
        gate.shut();
        events.restarts();
        await containerd.stop(signal);
        await stream?.ended;
        await after(milliseconds);
        await containerd.start();
        await listen();
        await gate.open();
      };
      away = restart();
      return away;
    },
    end: async () => {
      stream?.close();
      gate.end();
      api.close();
      await containerd.end();
    },
  };
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** The one layer of the image is also its snapshot: the digest of the unpacked layer. */
const chainOf = ({ directory }: Containerd): string => {
  const blobs = join(directory, 'image/blobs/sha256');
  const index = JSON.parse(readFileSync(join(directory, 'image/index.json'), 'utf8'));
  const blob = (digest: string) =>
    JSON.parse(readFileSync(join(blobs, digest.replace('sha256:', '')), 'utf8'));
  return blob(blob(index.manifests[0].digest).config.digest).rootfs.diff_ids[0];
};
