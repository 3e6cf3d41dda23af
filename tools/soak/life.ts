/** The life of one container and of its execs, each step of it a call to containerd, each result compared with the plan. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { ociSpec, processSpec } from '../../spec/support/containerd/bundle.js';
import { makeStreams, type Streams } from '../../spec/support/containerd/streams.js';
import { ociType, packJson } from '../../src/shim/messages/index.js';
import { GrpcError, grpcCode } from './grpc.js';
import type { Script } from './process-script.js';
import { RestartError, type Site } from './site.js';
import type { Fault, Tally } from './tally.js';

export interface Plan extends Script {
  readonly id: string;
  /** The runtime, as containerd takes it. */
  readonly runtime: string;
  /** The sandbox to whose pod it belongs. */
  readonly sandbox?: string;
}

export interface Container {
  readonly id: string;
  /** Whether it runs, as far as is known. */
  readonly lives: boolean;
  /** Runs a process in it to its end. */
  exec(execId: string, script: Script): Promise<void>;
}

export interface Lives {
  /**
   * Runs a container to its end and removes it. It is sent its signal when `during` is over. An early end of the soak
   * kills it: then the status of that will do.
   */
  run(plan: Plan, during?: (container: Container) => Promise<void>): Promise<void>;
}

const killed = { signal: 9, status: 137 };

/** How long output may take to end after its process, in milliseconds: longer than any drain. */
const outputEnds = 30_000;

export const livesOf = (site: Site, tally: Tally, stopped: AbortSignal): Lives => {
  const { containerd, ledger } = site;
  const fifos = join(containerd.directory, 'soak-fifos');
  mkdirSync(fifos, { recursive: true });
  const fault = (kind: Fault, text: string): void => void tally.faults.push({ kind, text });

  /** Does it at an early end of the soak, unless what is returned was called before. */
  const onStop = (act: () => Promise<void>): (() => void) => {
    const listener = (): void => void act().catch(() => undefined);
    if (stopped.aborted) listener();
    else stopped.addEventListener('abort', listener);
    return () => stopped.removeEventListener('abort', listener);
  };

  /** Waits for the end of a process that has been started, and compares. */
  const complete = async (
    id: string,
    execId: string,
    { script, output, code, signal }: Script,
    exit: Promise<number>,
    said: Promise<string>,
  ): Promise<void> => {
    const name = `${id} ${execId}`.trimEnd();
    const began = performance.now();
    const status = await exit;
    const wasStopped = stopped.aborted && status === killed.status;
    const wanted = wasStopped ? killed.status : code;
    ledger.expect(id, `exit ${execId}`.trimEnd(), wanted);
    const lived = `${((performance.now() - began) / 1_000).toFixed(1)} s`;
    if (status !== wanted)
      fault(
        'exit code',
        `${name}: ${status}, not ${wanted}, after ${lived} (${signal ?? 'no signal'}; ${script})`,
      );
    const text = await Promise.race([said, after(outputEnds, undefined, { ref: false })]);
    if (text === undefined) fault('output', `${name}: does not end`);
    else if (text !== output && status === wanted && !wasStopped)
      fault(
        'output',
        `${name}: ${text.length} bytes, not ${output.length}: ${JSON.stringify(text.slice(-80))}`,
      );
    const deleted = await site.call((api, again) => gone(api.delete(id, execId), again));
    if (deleted !== undefined && deleted !== status)
      fault('exit code', `${name}: Delete answers ${deleted}, Wait ${status}`);
  };

  const start = (id: string, execId: string): Promise<void> =>
    site.call(async (api, again) => {
      if (!again || (await api.status(id, execId)) === 'created') await api.start(id, execId);
    });

  const kill = (id: string, execId: string, signal: number): Promise<void> =>
    // It may have ended meanwhile, and after a restart the first call may have reached it.
    site.call((api) => api.kill(id, execId, signal).catch(unless(grpcCode.notFound)));

  const exec = async (container: Container, execId: string, script: Script): Promise<void> => {
    const { id } = container;
    const io = makeStreams(fifos, `${id}-${execId}`);
    try {
      const spec = packJson(ociType.process, processSpec({ args: ['sh', '-c', script.script] }));
      await site.call(async (api, again) => {
        if (again && (await gone(api.status(id, execId), true)) !== undefined) return;
        await api.exec(id, execId, spec, io.paths);
      });
      ledger.expect(id, `exec-added ${execId}`);
      const exit = site.call((api) => api.wait(id, execId));
      exit.catch(() => undefined);
      const reading = read(io, script);
      await start(id, execId);
      ledger.expect(id, `exec-started ${execId}`);
      tally.execs += 1;
      const stay = onStop(() => kill(id, execId, killed.signal));
      if (script.signal !== undefined) {
        await Promise.race([reading.ready, exit]);
        await kill(id, execId, script.signal);
      }
      await complete(id, execId, script, exit, reading.said);
      stay();
    } catch (error) {
      // The early end of its container is reported for the container.
      if (container.lives) fault('call', `${id} ${execId}: ${error}`);
    } finally {
      leave(io);
    }
  };

  const create = async ({ id, runtime, sandbox, script }: Plan, io: Streams): Promise<void> => {
    const annotations = sandbox === undefined ? {} : { 'io.kubernetes.cri.sandbox-id': sandbox };
    const described = { args: ['sh', '-c', script], annotations };
    const spec = packJson(ociType.spec, ociSpec(described, `/${containerd.namespace}/${id}`));
    const made = unless(grpcCode.alreadyExists);
    // In this order: containerd may remove a snapshot that no container names.
    await site.call((api, again) => api.createContainer(id, runtime, spec).catch(again ? made : rethrow));
    await site.call((api, again) => api.prepare(id, site.image).catch(again ? made : rethrow));
    const rootfs = await site.call((api) => api.mounts(id));
    await site.callOnce((api) => api.createTask(id, rootfs, io.paths));
  };

  const remove = async (id: string): Promise<void> => {
    const missing = unless(grpcCode.notFound);
    await site.call((api) => api.removeContainer(id).catch(missing));
    await site.call((api) => api.removeSnapshot(id).catch(missing));
  };

  /** Ends what is there of a container whose life went wrong, or whose creation was cut. */
  const discard = async (id: string): Promise<void> => {
    ledger.waive(id);
    for (let tries = 0; tries < 20; tries += 1) {
      const isGone = await site.call(async (api) => {
        await api.kill(id, '', killed.signal).catch(() => undefined);
        return await api.delete(id, '').then(
          () => true,
          (error) => error instanceof GrpcError && error.code === grpcCode.notFound,
        );
      });
      if (isGone) return;
      await after(250);
    }
    fault('call', `${id}: cannot be removed`);
  };

  return {
    run: async (plan, during) => {
      const { id } = plan;
      const io = makeStreams(fifos, id);
      let lives = true;
      try {
        await create(plan, io);
        ledger.expect(id, 'create');
        const exit = site.call((api) => api.wait(id, ''));
        const over = (): void => {
          lives = false;
        };
        exit.then(over, over);
        const reading = read(io, plan);
        await start(id, '');
        ledger.expect(id, 'start');
        site.seen(id);
        tally.containers += 1;
        await Promise.race([reading.ready, exit]);
        const container: Container = {
          id,
          get lives() {
            return lives;
          },
          exec: (execId, script) => exec(container, execId, script),
        };
        const stay = onStop(() =>
          plan.signal === undefined ? kill(id, '', killed.signal) : Promise.resolve(),
        );
        await during?.(container);
        if (plan.signal !== undefined) await kill(id, '', plan.signal);
        ledger.expect(id, 'delete');
        await complete(id, '', plan, exit, reading.said);
        stay();
      } catch (error) {
        lives = false;
        if (error instanceof RestartError) tally.cutShort += 1;
        else fault('call', `${id}: ${error}`);
        await discard(id);
      } finally {
        leave(io);
        await remove(id).catch((error) => fault('call', `${id}: ${error}`));
      }
    },
  };
};

/**
 * Reads the output from before the start: containerd may be away afterwards for longer than output waits for its reader.
 * A process that is to be sent a signal says when it can take it.
 */
const read = (io: Streams, { signal }: Script): { ready: Promise<unknown>; said: Promise<string> } => {
  const ready = signal === undefined ? Promise.resolve() : io.reads(/ready/);
  // A process that ends early has its exit status compared.
  const said = ready.then(
    () => io.stdout(),
    () => '',
  );
  said.catch(() => undefined);
  return { ready: ready.catch(() => undefined), said };
};

const rethrow = (error: unknown): never => {
  throw error;
};

const unless =
  (code: number) =>
  (error: unknown): void => {
    if (!(error instanceof GrpcError && error.code === code)) throw error;
  };

/** `undefined` for what is not there, where that is no surprise. */
const gone = async <T>(call: Promise<T>, isNoSurprise: boolean): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (isNoSurprise && error instanceof GrpcError && error.code === grpcCode.notFound) return undefined;
    throw error;
  }
};

const leave = (io: Streams): void => {
  io.leave();
  for (const path of [io.paths.stdout, io.paths.stderr]) rmSync(path, { force: true });
};
