/**
 * A scripted system behind a bridge: the exec of a vector runs over the real client, opposite a guest that does as the
 * vector says. That guest reports the exit of a process when the vector does, whatever becomes of its streams, and its faults
 * are answers.
 */
import type { Duplex } from 'node:stream';
import { as } from 'ix/asynciterable/asynciterablex';
import { asyncScheduler, defer, lastValueFrom, map, type Observable, Subject } from 'rxjs';
import type { ByteSink } from '../../src/hcs/contract/bytes.js';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../src/hcs/contract/compute-system.js';
import { hcsCodes } from '../../src/hcs/failures/codes.js';
import { statusCodeOf } from '../../src/hcs/failures/status-error.js';
import { openBridge } from '../../src/hcs/guest/bridge/bridge.js';
import type { BridgeConnection } from '../../src/hcs/guest/bridge/connection.js';
import { guestContext } from '../../src/hcs/guest/guest.js';
import { createContainer, type GuestContainer } from '../../src/hcs/guest/guest-container.js';
import { encodeFrame, type Frame } from '../../src/hcs/guest/protocol/frame.js';
import { frames } from '../../src/hcs/guest/protocol/frames.js';
import { hresults } from '../../src/hcs/guest/protocol/hresults.js';
import { type Fields, parseBody } from '../../src/hcs/guest/protocol/json.js';
import {
  containerNotification,
  requestName,
  responseTo,
} from '../../src/hcs/guest/protocol/message-types.js';
import type { StdioPorts } from '../../src/hcs/guest/protocol/messages.js';
import type { MemoryPipe } from '../../src/hcs/simulated/memory-pipe.js';
import type { Answer, ScriptedProcess } from '../../src/hcs/simulated/scripted-system.js';
import { namedError } from './faults.js';
import type { MakeHarness } from './harness.js';
import { memoryTransport } from './memory-transport.js';
import { signalsOf } from './scripted-harness.js';

/** The calls that are requests: their faults are the guest's. */
const requestCalls: ReadonlySet<string> = new Set([
  'container.start',
  'container.createProcess',
  'container.terminate',
  'process.signal',
  'process.kill',
  'process.resizeConsole',
]);

export const guestHarness: MakeHarness = ({ setup, answer: answerOrFail, seen, typed, created }) => {
  const { faults, pid } = setup;
  const answer: Answer = (call, args, normal) =>
    (requestCalls.has(call) ? seen : answerOrFail)(call, args, normal);
  const received$ = new Subject<Uint8Array>();
  const sent$ = new Subject<Uint8Array>();
  const processes: ScriptedProcess[] = [];
  const waits = new Map<number, Frame>();
  const exits = new Map<number, object>();
  const connection: BridgeConnection = {
    received$,
    send: (bytes) => sent$.next(bytes),
    close: () => undefined,
  };
  const transport = memoryTransport(connection);
  const say = (type: number, id: bigint, body: object): void =>
    received$.next(encodeFrame({ type, id, body: Buffer.from(JSON.stringify(body)) }));
  const reply = ({ type, id }: Frame, body: object = {}): void =>
    say(responseTo(type), id, { Result: 0, ...body });

  /** Answers with the fault of a call, if it has one. */
  const refused = (request: Frame, call: string): boolean => {
    const fault = faults[call];
    if (faults[`${call}.delivered`] === false) reply(request, { Result: hresults.notFound | 0 });
    else if (fault) reply(request, refusalOf(fault));
    return fault !== undefined || faults[`${call}.delivered`] === false;
  };

  const execute = (request: Frame, fields: Fields): void => {
    if (refused(request, 'container.createProcess')) return;
    const { VsockStdioRelaySettings: ports } = fields['Settings'] as {
      readonly VsockStdioRelaySettings: StdioPorts;
    };
    const dial = (port: number | undefined) => (port === undefined ? undefined : transport.dial(port));
    const [stdin, stdout, stderr] = [dial(ports.StdIn), dial(ports.StdOut), dial(ports.StdErr)];
    const end = (body: object): void => {
      const wait = waits.get(pid);
      if (wait === undefined) exits.set(pid, body);
      else reply(wait, body);
    };
    const scripted = {
      pid,
      pipes: {
        ...(stdin && { stdin: pipeOver(stdin) }),
        ...(stdout && { stdout: pipeOver(stdout) }),
        ...(stderr && { stderr: pipeOver(stderr) }),
      },
      exit: (how) => {
        const code = typeof how === 'number' ? how : how.kind === 'unknown' ? -1 : how.code;
        // Codes have no sign on the wire: an unknown exit is an answer without a code.
        end(code < 0 ? refusalOf('no exit code') : { ExitCode: code });
      },
    } as Pick<ScriptedProcess, 'pid' | 'pipes' | 'exit'> as ScriptedProcess;
    processes.push(scripted);
    if (stdin) as(scripted.pipes.stdin ?? []).forEach(typed);
    created(scripted);
    reply(request, { ProcessId: pid });
  };

  sent$.pipe(frames(Number.POSITIVE_INFINITY)).subscribe((request) => {
    const fields = parseBody(request.body) as Fields;
    const name = requestName(request.type);
    if (name === 'executeProcess') execute(request, fields);
    else if (name === 'waitForProcess') {
      const pid = Number(fields['ProcessId']);
      const exit = exits.get(pid);
      if (exit === undefined) waits.set(pid, request);
      else reply(request, exit);
    } else {
      const kill = fields['Options'] === undefined ? 'process.kill' : 'process.signal';
      const calls = { start: 'container.start', shutdownForced: 'container.terminate', signalProcess: kill };
      const call = { ...calls, resizeConsole: 'process.resizeConsole' }[name as keyof typeof calls];
      if (call === undefined || !refused(request, call)) reply(request);
    }
  });

  const bridge = openBridge(connection);
  const context = guestContext(
    { bridge: bridge, transport: transport, scheduler: asyncScheduler },
    { GuestDefinedCapabilities: {} },
  );
  const id = 'scripted';
  let container: GuestContainer | undefined;
  createContainer(context, { id, spec: {} }).subscribe((made) => {
    container = made;
  });
  if (container === undefined) throw new Error('the guest made no container');
  const { start, createProcess, shutdown, terminate, close } = container;
  let published = false;
  const system: ComputeSystem = {
    ...container,
    signals: signalsOf(setup),
    start: () => answer('container.start', undefined, start()),
    createProcess: (parameters) =>
      answer(
        'container.createProcess',
        parameters,
        createProcess(parameters).pipe(map((process) => answered(process, answer))),
      ),
    shutdown: () => answer('container.shutdown', undefined, shutdown()),
    terminate: () => answer('container.terminate', undefined, terminate()),
    close: () => answer('container.close', undefined, close()),
  };
  return {
    system,
    process: () => processes.at(-1),
    exitSystem: () => {
      // A guest reports it once.
      const Type = 'UnexpectedExit';
      if (!published) say(containerNotification, 0n, { ContainerId: id, Type, Operation: 'None', Result: 0 });
      published = true;
    },
    leave: async () => bridge.close(),
  };
};

/** The client's process, with each call seen by the script. */
const answered = (process: ComputeProcess, answer: Answer): ComputeProcess => {
  const { stdin } = process.stdio;
  const write: ByteSink['write'] = (chunk) =>
    lastValueFrom(
      answer(
        'process.stdinWrite',
        undefined,
        defer(() => stdin?.write(chunk) ?? Promise.resolve()),
      ),
      { defaultValue: undefined },
    );
  const act = (name: string, call$: () => Observable<unknown>) => () =>
    answer(`process.${name}`, undefined, call$());
  return {
    ...process,
    stdio: stdin === undefined ? process.stdio : { ...process.stdio, stdin: { write } },
    signal: (options) => answer('process.signal', options, process.signal(options)),
    kill: () => answer('process.kill', undefined, process.kill()),
    resizeConsole: (size) => answer('process.resizeConsole', size, process.resizeConsole(size)),
    closeStdin: act('closeStdin', process.closeStdin),
    closeStdout: act('closeStdout', process.closeStdout),
    closeStderr: act('closeStderr', process.closeStderr),
    close: act('close', process.close),
  };
};

const pipeOver = (socket: Duplex): MemoryPipe => {
  socket.on('error', () => undefined);
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => socket.write(chunk, (error) => (error ? reject(error) : resolve()))),
    end: () => void socket.end(),
    [Symbol.asyncIterator]: () => socket.iterator({ destroyOnReturn: false }),
  };
};

const refusalOf = (fault: string): object => {
  const error = namedError(fault);
  const code = statusCodeOf(error) ?? statusCodeOf(error.cause);
  if (code === undefined) return { Result: hresults.fail | 0, ErrorMessage: fault };
  return { Result: (code === hcsCodes.elementNotFound ? hresults.notFound : code) | 0 };
};
