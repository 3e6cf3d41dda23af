/**
 * Answers of daemons that look like an exit and are none. Each is played by a daemon that says what Docker or Podman was
 * seen to say; and each has a mutant: the obvious implementation, which reports a false exit.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { delay, firstValueFrom, lastValueFrom, map, merge, type Observable, takeUntil, toArray } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../../src/hcs/contract/compute-process.js';
import type { DockerContainer } from '../../../src/hcs/docker/index.js';
import * as engine from '../../../src/hcs/docker/index.js';
import {
  type Asked,
  type FakeDaemon,
  fakeDaemon,
  frameOf,
  sendJson,
  switching,
} from '../../../tools/docker-vectors/fake-daemon.js';

type Docker = typeof engine.docker;

interface Play {
  readonly daemon: FakeDaemon;
  readonly asked: Asked;
  readonly response: ServerResponse;
}

interface FalseExit {
  readonly name: string;
  /** The text of a file in src/hcs/docker, and what the obvious implementation has instead. */
  readonly mutant: readonly [file: string, find: string, put: string];
  readonly answers?: Readonly<Record<string, (play: Play) => void>>;
  readonly exec?: (socket: Socket, asked: readonly Asked[]) => void;
  readonly attached?: (socket: Socket) => void;
  readonly podman?: boolean;
  /** The version of the API of the daemon. */
  readonly version?: string;
  readonly run: (system: DockerContainer) => Promise<unknown>;
  readonly expected: unknown;
}

const id = 'c'.repeat(64);
const done = (act: Observable<unknown>): Promise<unknown> => lastValueFrom(act, { defaultValue: undefined });
const first = <T>(source: Observable<T> | undefined): Promise<T> => firstValueFrom(source as Observable<T>);
const after = (ms: number, work: () => unknown): void => void setTimeout(work, ms);
const json = ({ response }: Play, body: unknown, status = 200): void => sendJson(response, status, body);
const held = ({ response }: Play): void => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
};

const started = async (system: DockerContainer, streams = {}): Promise<ComputeProcess> => {
  const process = await first(system.create?.(streams));
  await done(system.start());
  return process;
};

const exitOfInit = async (system: DockerContainer): Promise<ProcessExit> =>
  first((await started(system)).exit$);

const state = (status: string, code = 0, FinishedAt = '') => ({
  Id: id,
  State: {
    Status: status,
    Pid: status === 'running' ? 4_000_000 : 0,
    ExitCode: code,
    StartedAt: 'x',
    FinishedAt,
  },
});

/** Of a container that had ended before this program looked at it. */
const exitOfAdopted = async (system: DockerContainer): Promise<unknown> => {
  const { init } = await first(system.adopt?.());
  const { at: _, ...exit } = { at: 0, ...(await first(init.process.exit$)) };
  return exit;
};

/** @param EndpointID of its network; a running daemon that handles the end of a container releases it. */
const endedWith = (code: number, EndpointID: string) => ({
  ...state('exited', code, new Date().toISOString()),
  NetworkSettings: { Networks: { none: { EndpointID } } },
});

const exitOfExec =
  (stdin = false) =>
  async (system: DockerContainer) => {
    await started(system);
    const process = await first(
      system.createProcess({
        OciProcess: { args: ['x'], terminal: stdin },
        CreateStdOutPipe: true,
        ...(stdin && { CreateStdInPipe: true }),
      }),
    );
    if (stdin) await process.stdio.stdin?.write(Uint8Array.of(0x10, 0x11));
    return first(process.exit$);
  };

let looks = 0;
let ended = (): void => undefined;
let vanishedAt = '';
let restartedAt = '';

/** The daemon is killed after the start, and comes back. */
const vanishing: NonNullable<FalseExit['answers']> = {
  [`POST /containers/${id}/wait`]: (play) => {
    held(play);
    const vanish = async (): Promise<void> => {
      // It looks at the container when it has the answer to its start.
      if (!play.daemon.asked.some(({ path }) => path.endsWith('/json'))) return after(10, vanish);
      vanishedAt = new Date(Date.now() - 1).toISOString();
      await play.daemon.vanish();
      after(200, async () => {
        restartedAt = new Date().toISOString();
        await play.daemon.return();
      });
    };
    after(40, vanish);
  },
};

const cases: readonly FalseExit[] = [
  {
    name: 'Podman says ExitCode 0 and not Running of an exec that has not reported yet',
    podman: true,
    mutant: ['exec/exit-of-exec.ts', 'if (ExitCode === 0 && !ended) return undefined;', ''],
    exec: (socket) => {
      looks = 0;
      // The output exceeds the buffers and nothing reads it, so the end of the stream is not seen.
      socket.write(Buffer.concat([switching, frameOf(1, Buffer.alloc(300_000))]));
    },
    answers: {
      'GET /exec/e/json': (play) => {
        looks += 1;
        // It is looked for again and again as long as the reader does not read.
        json(
          play,
          looks < 6
            ? { Running: looks < 2, ExitCode: 0, Pid: looks < 2 ? 5 : 0 }
            : { Running: false, ExitCode: 7, Pid: 0 },
        );
      },
    },
    run: exitOfExec(),
    expected: { kind: 'exited', code: 7 },
  },
  {
    name: 'the restarted service of Podman reports 0 of an exec that the killed one has not noted',
    podman: true,
    mutant: ['exec/await-exec-exit.ts', '(await isMadeUp(exit)) ? ', 'false ? '],
    exec: (socket) => {
      socket.write(Buffer.concat([switching, frameOf(1, Buffer.from('ready'))]));
    },
    answers: {
      'GET /exec/e/json': (play) => {
        json(play, { Running: looks === 0, ExitCode: 0, Pid: looks === 0 ? 5 : 0 });
        if (looks++ > 0) return;
        after(40, async () => {
          await play.daemon.vanish();
          after(200, play.daemon.return);
        });
      },
    },
    run: (system) => {
      looks = 0;
      return exitOfExec()(system);
    },
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 0') },
  },
  {
    name: 'Podman 4 answers a wait for the removal with 0 whatever the code',
    podman: true,
    mutant: [
      'container/create-init.ts',
      "Wait(container, 'next-exit')",
      "Wait(container, 'removed' as 'next-exit')",
    ],
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        held(play);
        const code = play.asked.query.get('condition') === 'removed' ? 0 : 7;
        after(50, () => play.response.end(JSON.stringify({ StatusCode: code, Error: null })));
      },
    },
    run: exitOfInit,
    expected: { kind: 'exited', code: 7 },
  },
  {
    name: 'Docker answers a wait before the start with 0 at once',
    mutant: ['container/create-init.ts', "Wait(container, 'next-exit')", "Wait(container, 'not-running')"],
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        if (play.asked.query.get('condition') !== 'next-exit')
          return json(play, { StatusCode: 0, Error: null });
        held(play);
        after(50, () => play.response.end(JSON.stringify({ StatusCode: 7, Error: null })));
      },
    },
    run: exitOfInit,
    expected: { kind: 'exited', code: 7 },
  },
  {
    name: 'a wait that could not be answered has StatusCode 0 beside its Error',
    podman: true,
    mutant: ['container/state.ts', 'if (failure?.Message || ', 'if ('],
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        held(play);
        after(30, () =>
          play.response.end(JSON.stringify({ StatusCode: 0, Error: { Message: 'no such container' } })),
        );
      },
      [`GET /containers/${id}/json`]: (play) => json(play, state('exited', 7)),
    },
    run: exitOfInit,
    expected: { kind: 'exited', code: 7 },
  },
  {
    name: 'the streams of a daemon that is killed just end, and its wait with an empty body',
    mutant: [
      'container/await-exit.ts',
      '// Lost with the connection: the container has not ended for that.',
      'return { exit: exitWith(0, container.sent), intact };',
    ],
    attached: (socket) => after(40, () => socket.end()),
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        held(play);
        if (play.asked.query.get('condition') === 'next-exit') after(40, () => play.response.destroy());
        else after(100, () => play.response.end(JSON.stringify({ StatusCode: 7, Error: null })));
      },
    },
    run: async (system) => first((await started(system, { CreateStdOutPipe: true })).exit$),
    expected: { kind: 'exited', code: 7 },
  },
  {
    name: 'Docker has restarted and reports 255 of a container whose end it has missed',
    mutant: ['container/missed-end.ts', 'code === 255 ||', ''],
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        held(play);
        after(40, () => play.response.destroy());
      },
      [`GET /containers/${id}/json`]: (play) =>
        json(play, looks++ < 1 ? state('running') : state('exited', 255)),
    },
    run: (system) => {
      looks = 0;
      return exitOfInit(system);
    },
    expected: { kind: 'unknown', reason: expect.stringContaining('255') },
  },
  {
    name: 'Docker has restarted and reports 0, at the time of its restart, of a container whose end it has missed',
    mutant: ['container/missed-end.ts', '.includes(String(ExitCode))', '.length >= 0'],
    answers: {
      ...vanishing,
      [`GET /containers/${id}/json`]: (play) =>
        json(play, looks++ < 1 ? state('running') : state('exited', 0, restartedAt)),
    },
    run: (system) => {
      looks = 0;
      return exitOfInit(system);
    },
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 0') },
  },
  {
    name: 'a wait that a restarting Docker has taken is answered with 0 of a container whose end it has missed',
    mutant: [
      'container/await-exit.ts',
      `const next = await openWait(container);
    const found = await lookUp(container);`,
      `const found = await lookUp(container);
    const next = await openWait(container);`,
    ],
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        held(play);
        if (play.asked.query.get('condition') === 'next-exit')
          return after(40, () => play.response.destroy());
        after(40, () => play.response.end(JSON.stringify({ StatusCode: 0, Error: null })));
      },
      // The daemon that was killed has answered once more. The restarted one takes the wait, and then answers this.
      [`GET /containers/${id}/json`]: (play) => {
        const waits = play.daemon.asked.filter(({ path }) => path.endsWith('/wait')).length;
        restartedAt = new Date().toISOString();
        json(play, looks++ < 2 && waits < 2 ? state('running') : state('exited', 0, restartedAt));
      },
    },
    run: (system) => {
      looks = 0;
      return exitOfInit(system);
    },
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 0') },
  },
  {
    name: 'Docker reports 0 of an adopted container whose end it has missed in its start',
    mutant: ['container/missed-end.ts', "endpoint?.EndpointID === ''", 'endpoint !== null'],
    answers: {
      [`GET /containers/${id}/json`]: (play) => json(play, endedWith(0, 'e'.repeat(64))),
    },
    run: exitOfAdopted,
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 0') },
  },
  {
    name: 'Docker reports 255 of an adopted container whose end it has missed in its start',
    mutant: ['adopt/adopt-container.ts', 'await reportedEnd(container, details, standing)', 'standing'],
    answers: {
      [`GET /containers/${id}/json`]: (play) => json(play, endedWith(255, 'e'.repeat(64))),
    },
    run: exitOfAdopted,
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 255') },
  },
  {
    name: 'Docker 28 reports 255 of an adopted container whose end it has missed in its start',
    version: '1.51',
    mutant: ['container/missed-end.ts', "before(version, '1.42') && ", ''],
    answers: { [`GET /containers/${id}/json`]: (play) => json(play, endedWith(255, '')) },
    run: exitOfAdopted,
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 255') },
  },
  {
    name: 'Docker 24.0 reports 0 of an adopted container whose end it has missed in its start',
    version: '1.43',
    mutant: ['container/missed-end.ts', "code === 0 && before(version, '1.44')", 'false'],
    answers: { [`GET /containers/${id}/json`]: (play) => json(play, endedWith(0, '')) },
    run: exitOfAdopted,
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 0') },
  },
  {
    name: 'Docker reports 0 of an adopted container that shares the network of another one, without an event',
    mutant: ['container/missed-end.ts', 'endpoints.length > 0 && ', ''],
    answers: {
      [`GET /containers/${id}/json`]: (play) =>
        json(play, { ...endedWith(0, ''), NetworkSettings: { Networks: {} } }),
    },
    run: exitOfAdopted,
    expected: { kind: 'unknown', reason: expect.stringContaining('reports 0') },
  },
  {
    name: 'the keys that detach a client make Docker report 126 of a process that runs on',
    mutant: ['exec/exec-api.ts', 'DetachKeys: detachKeys', "DetachKeys: ''"],
    exec: (socket, asked) => {
      const detaches = asked.some(({ body }) => body['DetachKeys'] === '');
      looks = detaches ? 1 : 0;
      socket.write(switching);
      socket.on('data', () => {
        if (detaches) return void socket.end('read escape sequence');
        after(60, () => {
          looks = 2;
          socket.end();
        });
      });
    },
    answers: {
      'GET /exec/e/json': (play) =>
        json(play, { Running: looks === 0, ExitCode: [null, 126, 7][looks], Pid: 5 }),
    },
    run: exitOfExec(true),
    expected: { kind: 'exited', code: 7 },
  },
  {
    name: 'a process that could not be started is reported as output and an exit code',
    mutant: ['exec/start-exec.ts', 'if (isFailure) throw', 'if (!isFailure) throw'],
    exec: (socket) =>
      socket.end(
        Buffer.concat([
          switching,
          frameOf(
            1,
            Buffer.from('OCI runtime exec failed: exec: "x": executable file not found in $PATH\r\n'),
          ),
        ]),
      ),
    answers: { 'GET /exec/e/json': (play) => json(play, { Running: false, ExitCode: 126, Pid: 0 }) },
    run: async (system) => exitOfExec()(system).catch(({ exitStatus }) => ({ exitStatus })),
    expected: { exitStatus: 127 },
  },
  {
    name: 'the exit of a container is reported before that of an exec that ended with it',
    podman: true,
    mutant: ['container/init-process.ts', 'if (!found.lost) await execsEnded(container);', ''],
    exec: (socket) => {
      looks = 0;
      socket.write(Buffer.concat([switching, frameOf(1, Buffer.from('ready'))]));
    },
    answers: {
      [`POST /containers/${id}/wait`]: (play) => {
        held(play);
        ended = () => play.response.end(JSON.stringify({ StatusCode: 7, Error: null }));
      },
      // The daemon still says that it runs when the container has ended.
      'GET /exec/e/json': (play) => {
        looks += 1;
        json(play, { Running: looks < 4, ExitCode: looks < 4 ? 0 : 9, Pid: 5 });
      },
    },
    run: async (system) => {
      await started(system);
      const process = await first(system.createProcess({ OciProcess: { args: ['x'] } }));
      const over = system.exit$.pipe(map(({ reason }) => reason));
      const order = merge(process.exit$, over).pipe(takeUntil(over.pipe(delay(1))), toArray());
      ended();
      return first(order);
    },
    expected: [{ kind: 'exited', code: 9 }, 'ended'],
  },
];

/** What became of it by an engine, opposite a daemon that does as the case says. */
const outcome = async (
  docker: Docker,
  { answers = {}, exec, attached, podman, version = '1.41', run }: FalseExit,
): Promise<unknown> => {
  const daemon: FakeDaemon = await fakeDaemon(
    { 'api-version': version, server: podman ? 'Libpod/4.3.1 (linux)' : 'Docker/20.10 (linux)' },
    {
      answer: (asked, response) => {
        const play = { daemon, asked, response };
        const key = `${asked.method} ${asked.path}`;
        const usual: Readonly<Record<string, () => void>> = {
          'POST /containers/create': () => json(play, { Id: id }, 201),
          [`POST /containers/${id}/start`]: () => json(play, '', 204),
          [`POST /containers/${id}/wait`]: () => held(play),
          [`GET /containers/${id}/json`]: () => json(play, state('running')),
          [`POST /containers/${id}/exec`]: () => json(play, { Id: 'e' }, 201),
          [`GET /containers/${id}/logs`]: () => response.end(),
          'GET /info': () => json(play, { SystemTime: new Date().toISOString() }),
          'GET /events': () => response.end(),
        };
        const answer = answers[key];
        if (answer !== undefined) answer(play);
        else (usual[key] ?? (() => json(play, { message: `unexpected ${key}` }, 404)))();
      },
      upgrade: ({ path }, socket) => {
        if (path === '/exec/e/start') exec?.(socket, daemon.asked);
        else {
          socket.write(switching);
          attached?.(socket);
        }
        return true;
      },
    },
  );
  const system = docker({ host: daemon.host, name: id, image: 'bb', pull: 'never', reconnectTimeout: 2_000 });
  try {
    return await run(system);
  } finally {
    await done(system.close());
    await daemon.close();
  }
};

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bundles = `${root}dist-tools/false-exits-${process.pid}`;

const mutated = async ([file, find, put]: FalseExit['mutant'], number: number): Promise<Docker> => {
  mkdirSync(bundles, { recursive: true });
  const outfile = `${bundles}/${number}.mjs`;
  await build({
    entryPoints: [`${root}src/hcs/docker/index.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    plugins: [
      {
        name: 'mutant',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\/src\/hcs\/docker\/.*\.ts$/ }, ({ path }) => {
            if (!path.endsWith(`/docker/${file}`)) return undefined;
            const source = readFileSync(path, 'utf8');
            if (source.split(find).length !== 2)
              throw new Error(`the mutant's text is not found once in ${file}`);
            return { contents: source.replace(find, () => put), loader: 'ts' };
          });
        },
      },
    ],
  });
  return ((await import(pathToFileURL(outfile).href)) as { docker: Docker }).docker;
};

describe('no exit is reported where', () => {
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));

  test.each(cases.map((one, number) => ({ ...one, number })))('$name', async (one) => {
    expect(await outcome(engine.docker, one)).toEqual(one.expected);
    expect(await outcome(await mutated(one.mutant, one.number), one)).not.toEqual(one.expected);
  });
});

/** What a restarted Docker reports, with the true code of a container that ended by itself. */
const restarted: Omit<FalseExit, 'name' | 'answers'> = {
  mutant: ['container/missed-end.ts', 'ExitCode === 0 && Date.parse(FinishedAt) - lead < downAt', 'false'],
  run: (system) => {
    looks = 0;
    return exitOfInit(system);
  },
  expected: { kind: 'exited', code: 0 },
};

describe('the exit of an adopted container that has ended is reported, where', () => {
  test.each([
    ['Docker 20.10 has handled its end with 0 while it ran', 0, '1.41'],
    ['Docker 20.10 has handled its end with 255 while it ran', 255, '1.41'],
    ['Docker 28 reports 0, which it never makes up', 0, '1.51'],
  ])('%s', async (_, code, version) => {
    const adopted: FalseExit = {
      ...restarted,
      name: 'adopted',
      version,
      answers: { [`GET /containers/${id}/json`]: (play) => json(play, endedWith(code, '')) },
      run: exitOfAdopted,
    };
    expect(await outcome(engine.docker, adopted)).toEqual({ kind: 'exited', code });
  });
});

describe('the exit of a container is reported although the daemon was killed and started again, where', () => {
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));

  test.each<FalseExit>([
    {
      ...restarted,
      name: 'it ended with 0 while no daemon was there',
      answers: {
        ...vanishing,
        [`GET /containers/${id}/json`]: (play) => {
          json(play, looks++ < 1 ? state('running') : state('exited', 0, vanishedAt));
        },
      },
    },
    {
      ...restarted,
      name: 'the events of the daemon have its end with 0',
      mutant: ['container/missed-end.ts', '.includes(String(ExitCode))', '.length < 0'],
      answers: {
        ...vanishing,
        [`GET /containers/${id}/json`]: (play) =>
          json(play, looks++ < 1 ? state('running') : state('exited', 0, new Date().toISOString())),
        'GET /events': ({ response }) =>
          response.end(`${JSON.stringify({ Action: 'die', Actor: { Attributes: { exitCode: '0' } } })}\n`),
      },
    },
  ])('$name', async (one) => {
    expect(await outcome(engine.docker, one)).toEqual(one.expected);
    expect(await outcome(await mutated(one.mutant, cases.length + one.name.length), one)).not.toEqual(
      one.expected,
    );
  });
});
