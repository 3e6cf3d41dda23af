/**
 * Replays one life: the engine opposite a daemon that does as the recorded one did.
 *
 * Requests are compared in the message's own terms: what the recorded client asked for must be asked for again, and in an
 * order in which nothing can be lost. An engine may ask for more, such as the state of what runs.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import type { ProcessSpec } from '../../src/hcs/contract/process-spec.js';
import { type DockerContainer, docker } from '../../src/hcs/docker/index.js';
import {
  type Asked,
  type FakeDaemon,
  fakeDaemon,
  frameOf,
  refusal,
  sendJson,
  switching,
} from './fake-daemon.js';
import type { ContainerLife, ExecLife } from './lives.js';
import { differences, failure, followed, type Outcome, sentText, type Wanted } from './outcome.js';
import { replayTraffic } from './play-traffic.js';
import type { Session } from './session.js';
import type { Variant } from './variants.js';

/** What differs from what was recorded; none if nothing does. */
export const replayLife = async (
  session: Session,
  life: ContainerLife | ExecLife,
  variant: Variant,
): Promise<string[]> => {
  const world = await openWorld(session, life, variant);
  const system = docker({
    host: world.daemon.host,
    image: 'bb',
    pull: 'never',
    // On a machine with other work a stand-in takes its time to come back.
    reconnectTimeout: 60_000,
    ...apiFields(life),
  });
  try {
    const seen = await within(life.kind === 'container' ? runContainer(system, life) : runExec(system, life));
    if (seen === undefined) return ['did not end'];
    return [...differences(wantedOf(session, life, variant), seen), ...world.complaints()];
  } finally {
    await lastValueFrom(system.close(), { defaultValue: undefined });
    await world.daemon.close();
  }
};

const within = async <T>(work: Promise<T>): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, 90_000, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const done = (act: Observable<unknown>): Promise<unknown> => lastValueFrom(act, { defaultValue: undefined });

/** The document of the recorded client, without what the engine decides. */
const apiFields = ({ kind, request }: ContainerLife | ExecLife): object => {
  if (kind === 'exec') return {};
  const decided = /^(Attach.*|OpenStdin|StdinOnce|Image)$/;
  const fields = Object.fromEntries(Object.entries(request).filter(([name]) => !decided.test(name)));
  const { AutoRemove: _, ...HostConfig } = (fields['HostConfig'] ?? {}) as Record<string, unknown>;
  return { ...fields, HostConfig };
};

const runContainer = async (system: DockerContainer, life: ContainerLife): Promise<Outcome> => {
  const asks = (name: string): boolean => ['1', 'true'].includes(life.attached?.query.get(name) ?? '');
  let process: ComputeProcess;
  try {
    process = await firstValueFrom(
      system.create?.({
        ...(asks('stdin') && { CreateStdInPipe: true }),
        ...(asks('stdout') && { CreateStdOutPipe: true }),
        ...(asks('stderr') && { CreateStdErrPipe: true }),
      }) as Observable<ComputeProcess>,
    );
  } catch (error) {
    return failure('create', error);
  }
  try {
    await done(system.start());
  } catch (error) {
    return failure('start', error);
  }
  for (const Signal of life.signals) await done(process.signal({ Signal }));
  return followed(process, life.traffic);
};

const runExec = async (system: DockerContainer, life: ExecLife): Promise<Outcome> => {
  const init = await firstValueFrom(system.create?.({}) as Observable<ComputeProcess>);
  await done(system.start());
  const { request, tty } = life;
  const stdin = request['AttachStdin'] === true;
  let process: ComputeProcess;
  try {
    process = await firstValueFrom(
      system.createProcess({
        OciProcess: specOf(request, tty),
        CreateStdOutPipe: true,
        CreateStdErrPipe: true,
        ...(stdin && { CreateStdInPipe: true }),
      }),
    );
  } catch (error) {
    return failure('start', error);
  }
  const outcome = await followed(process, life.traffic);
  await done(init.close());
  return outcome;
};

const specOf = (request: ExecLife['request'], tty: boolean): ProcessSpec => {
  const { Cmd, Env, User, WorkingDir, ConsoleSize } = request as Record<string, unknown>;
  const [height, width] = (ConsoleSize ?? []) as number[];
  const [uid, gid] = String(User ?? '')
    .split(':')
    .map(Number);
  return {
    args: Cmd as string[],
    ...(Env !== undefined && { env: Env as string[] }),
    ...(WorkingDir !== undefined && { cwd: WorkingDir as string }),
    ...(tty && { terminal: true }),
    ...(height !== undefined && width !== undefined && { consoleSize: { height, width } }),
    ...(User !== undefined && {
      user:
        Number.isInteger(uid) && User !== ''
          ? { uid: uid as number, ...(gid !== undefined && { gid }) }
          : { username: String(User) },
    }),
  };
};

const wantedOf = (session: Session, life: ContainerLife | ExecLife, variant: Variant): Wanted => {
  const output = {
    stdout: sentText(life.traffic, false),
    stderr: sentText(life.traffic, true),
    mayBeTruncated: false,
  };
  if (life.created.status >= 400) return { ...output, failedAt: life.kind === 'exec' ? 'start' : 'create' };
  const refusedStart = (life.started?.status ?? 0) >= 400;
  if (life.kind === 'container') {
    if (refusedStart || (life.attached?.answer.status ?? 0) >= 400)
      return { ...output, failedAt: 'start', exitStatus: statusOf(JSON.stringify(life.started?.body)) };
    const signal = life.signals.includes((life.code ?? 0) - 128) ? (life.code as number) - 128 : undefined;
    return { ...output, code: life.code, signal };
  }
  if (refusedStart) return { ...output, failedAt: 'start' };
  const { ExitCode } = life.details ?? { ExitCode: null };
  const isCut = variant.kind === 'cut';
  // A message that was cut off leaves perhaps an exit code alone to go by.
  if (neverRan(session, life) && isCut && session.isPodman)
    return { ...output, code: ExitCode ?? undefined, mayBeTruncated: true, mayFail: true };
  if (neverRan(session, life))
    return {
      ...output,
      failedAt: 'start',
      exitStatus: isCut ? undefined : statusOf(output.stdout + output.stderr),
    };
  return { ...output, code: ExitCode ?? undefined, mayBeTruncated: isCut };
};

/** Docker keeps the process id of what has run; of Podman there is but its message. */
const neverRan = ({ isPodman }: Session, life: ContainerLife | ExecLife): boolean => {
  const { ExitCode, Pid } = (life.kind === 'exec' && life.details) || { ExitCode: null, Pid: 1 };
  if (!isPodman) return Pid === 0;
  const text = sentText(life.traffic, false) + sentText(life.traffic, true);
  return /^Error: .*(exec failed|OCI)/.test(text) && (ExitCode === 126 || ExitCode === 127);
};

const statusOf = (text = ''): number | undefined => {
  if (/chdir|workdir|unable to find user/.test(text)) return undefined;
  if (/executable file .*not found/.test(text)) return 127;
  return /exec: .*permission denied/.test(text) ? 126 : undefined;
};

interface World {
  readonly daemon: FakeDaemon;
  complaints(): string[];
}

const openWorld = async (
  session: Session,
  life: ContainerLife | ExecLife,
  variant: Variant,
): Promise<World> => {
  const complaints: string[] = [];
  const id = 'c'.repeat(64);
  const waits: ServerResponse[] = [];
  const logs: ServerResponse[] = [];
  let attached: Socket | undefined;
  let waitIsTaken = false;
  let hasStarted = false;
  let hasExited = false;
  let signals = 0;
  let execEnd: 'no' | 'cut' | 'yes' = 'no';
  let looks = 0;
  const isExec = life.kind === 'exec';
  const code = isExec ? 0 : (life.code ?? 0);

  const state = () => ({
    Id: id,
    Config: { Tty: life.tty },
    State: {
      Status: hasExited ? 'exited' : hasStarted ? 'running' : 'created',
      Running: hasStarted && !hasExited,
      Pid: hasStarted && !hasExited ? 4_000_000 : 0,
      ExitCode: hasExited ? code : 0,
      OOMKilled: hasExited && !isExec && life.oomKilled,
      StartedAt: hasStarted ? '2026-11-27T20:27:13.357163965Z' : '0001-01-01T00:00:00Z',
    },
  });

  const exit = (): void => {
    hasExited = true;
    for (const wait of waits.splice(0))
      if (!wait.destroyed) wait.end(JSON.stringify({ Error: null, StatusCode: code }));
    for (const log of logs.splice(0)) log.end();
  };

  const play = async (): Promise<void> => {
    if (isExec) return;
    let wasCut = false;
    if (attached !== undefined) {
      const played = await replayTraffic(attached, life.traffic, variant, daemon.vanish);
      wasCut = played.wasCut;
      if (variant.kind === 'restart') {
        await pause(20);
        await daemon.return();
      }
    }
    while (signals < life.signals.length) await pause(1);
    // After a cut it runs on, until the client has seen that.
    for (let waited = 0; wasCut && logs.length === 0 && waited < 3_000; waited += 10) await pause(10);
    await pause(2);
    exit();
  };

  const answer = (asked: Asked, response: ServerResponse): void => {
    const { method, path, query, body } = asked;
    if (path === '/containers/create') {
      if (isExec) return sendJson(response, 201, { Id: id, Warnings: [] });
      complaints.push(...missingIn(life.request, body, ''));
      const { status, body: given } = life.created;
      return sendJson(response, status, status < 400 ? { ...(given as object), Id: id } : given);
    }
    if (method === 'DELETE') return sendJson(response, 204, '');
    if (path === `/containers/${id}/json`) return sendJson(response, 200, state());
    if (path === `/containers/${id}/top`)
      return sendJson(response, 200, { Titles: ['PID'], Processes: [['1']] });
    if (path === `/containers/${id}/kill`) {
      signals += 1;
      return sendJson(response, 204, '');
    }
    if (path === `/containers/${id}/wait`) {
      const condition = query.get('condition');
      if (!hasStarted && condition !== 'next-exit')
        complaints.push(`waited with condition ${condition} before the start`);
      if (condition === 'removed') complaints.push('waited for the removal');
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
      waitIsTaken = true;
      if (hasExited && condition === 'not-running')
        response.end(JSON.stringify({ Error: null, StatusCode: code }));
      else waits.push(response);
      return;
    }
    if (path === `/containers/${id}/start`) {
      if (!waitIsTaken) complaints.push('started before the wait was taken');
      if (!isExec && life.attached?.answer.status === 101 && attached === undefined)
        complaints.push('started before it was attached');
      const { status, body: given } =
        life.kind === 'container' && life.started ? life.started : { status: 204, body: '' };
      hasStarted = status < 400;
      sendJson(response, status, given);
      if (hasStarted) void play();
      return;
    }
    if (path === `/containers/${id}/logs` && !isExec) {
      response.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' });
      for (const { dir, type, bytes } of life.traffic) if (dir === 'in') response.write(frameOf(type, bytes));
      if (hasExited) response.end();
      else {
        response.flushHeaders();
        logs.push(response);
      }
      return;
    }
    if (path === `/containers/${id}/exec` && isExec) {
      complaints.push(...missingIn(life.request, body, ''));
      const { status, body: given } = life.created;
      return sendJson(response, status, given);
    }
    if (/^\/exec\/[^/]+\/json$/.test(path) && isExec) return sendJson(response, 200, execDetails());
    if (path.startsWith('/images/')) return sendJson(response, 200, {});
    sendJson(response, 404, { message: `nothing is recorded of ${method} ${path}` });
  };

  const execDetails = () => {
    const details = isExec ? life.details : undefined;
    looks += 1;
    // After a cut it runs on for a while.
    if (details !== undefined && (execEnd === 'yes' || (execEnd === 'cut' && looks > 7))) return details;
    const ran = details !== undefined && !neverRan(session, life);
    return { Running: true, ExitCode: session.isPodman ? 0 : null, Pid: ran ? 4_000_001 : 0 };
  };

  const playExec = async (socket: Socket): Promise<void> => {
    const { wasCut } = await replayTraffic(socket, life.traffic, variant, () => Promise.resolve());
    looks = 0;
    execEnd = wasCut ? 'cut' : 'yes';
  };

  const upgrade = ({ path, query, body }: Asked, socket: Socket): boolean => {
    if (path === `/containers/${id}/attach` && !isExec && life.attached !== undefined) {
      for (const name of ['stdin', 'stdout', 'stderr'])
        if (isSet(life.attached.query.get(name)) !== isSet(query.get(name)))
          complaints.push(
            `attach: ${name} is ${query.get(name)}, recorded was ${life.attached.query.get(name)}`,
          );
      const { status, body: given } = life.attached.answer;
      if (status !== 101) return Boolean(socket.end(refusal(status, given)));
      attached = socket;
      socket.write(switching);
      return true;
    }
    if (/^\/exec\/[^/]+\/start$/.test(path) && isExec && life.started !== undefined) {
      if (body['Detach'] !== false || (body['Tty'] === true) !== life.tty)
        complaints.push(`exec start: ${JSON.stringify(body)}`);
      const { status, body: given } = life.started;
      if (status !== 101) {
        execEnd = 'yes';
        return Boolean(socket.end(refusal(status, given)));
      }
      socket.write(switching);
      void playExec(socket);
      return true;
    }
    return false;
  };

  const daemon: FakeDaemon = await fakeDaemon(session.headers, { answer, upgrade });
  return { daemon, complaints: () => complaints };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const isSet = (value: string | null): boolean => value === '1' || value === 'true';

/** What the recorded client asked for and this one did not. What the engine decides by itself is no part of it. */
const missingIn = (recorded: unknown, asked: unknown, path: string): string[] => {
  if (typeof recorded !== 'object' || recorded === null)
    return recorded === asked
      ? []
      : [`${path}: recorded ${JSON.stringify(recorded)}, asked ${JSON.stringify(asked)}`];
  if (Array.isArray(recorded)) {
    const list = Array.isArray(asked) ? asked : [];
    // The engine marks its processes in their environment.
    const same = path.endsWith('.Env')
      ? recorded.every((one) => list.includes(one))
      : JSON.stringify(recorded) === JSON.stringify(asked);
    return same ? [] : [`${path}: recorded ${JSON.stringify(recorded)}, asked ${JSON.stringify(asked)}`];
  }
  return Object.entries(recorded).flatMap(([name, value]) =>
    decided.has(`${path}.${name}`)
      ? []
      : missingIn(value, (asked as Record<string, unknown> | undefined)?.[name], `${path}.${name}`),
  );
};

const decided = new Set([
  '.Image',
  '.OpenStdin',
  '.StdinOnce',
  '.AttachStdin',
  '.AttachStdout',
  '.AttachStderr',
  '.HostConfig.AutoRemove',
  '.DetachKeys',
]);
