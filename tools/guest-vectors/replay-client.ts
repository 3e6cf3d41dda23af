/**
 * Replays a session against the client: a double of the recorded guest dials it over real sockets, answers with the
 * recorded frames and plays the recorded stdio; the client is asked for what the host asked for.
 *
 * What the client sends is compared with what was recorded, request by request; so is what it makes of each answer. It
 * waits for every process as soon as it has it, so that a wait may come earlier than it was recorded, and unrecorded.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { asyncScheduler, defer, EMPTY, firstValueFrom, type Observable, retry, Subject } from 'rxjs';
import { dialSockets } from '../../src/agent/dialer.js';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import { codeOf, hcsCodes } from '../../src/hcs/failures/codes.js';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { statusCodeOf } from '../../src/hcs/failures/status-error.js';
import { openBridge } from '../../src/hcs/guest/bridge/bridge.js';
import { guestContext } from '../../src/hcs/guest/guest.js';
import { vsockSockets } from '../../src/hcs/guest/index.js';
import { negotiate } from '../../src/hcs/guest/negotiate.js';
import { bridgePort, forever } from '../../src/hcs/guest/protocol/constants.js';
import type { Fields } from '../../src/hcs/guest/protocol/json.js';
import { type RequestName, requestName, requestTypes } from '../../src/hcs/guest/protocol/message-types.js';
import type { GuestCapabilities } from '../../src/hcs/guest/protocol/messages.js';
import { type AskedOf, askClient, type ClientWorld, clientWorld, processKey } from './ask-client.js';
import { fieldsOf, requestTerms, sameTerms, show } from './message.js';
import type { RecordedFrame, Session, StdioEvent, StrayFrame } from './session.js';
import { type BridgeEndpoint, bridgeEndpoint, type StreamEndpoint, streamEndpoint } from './wire.js';
import { within } from './within.js';

/** What became of something that the client was asked for. */
type Outcome = { readonly value?: unknown } | { readonly error: unknown };

interface Asked {
  readonly name: RequestName;
  readonly fields: Fields;
  /** Of the streams, as they were recorded. */
  readonly ports: Ports;
  /** Not of a container or process of the client, which would make more of the answer. */
  readonly atBridge: boolean;
  /** The id that the client gave it. */
  readonly id: bigint;
  readonly outcome: Promise<Outcome>;
}

/** The differences; none when the client does as the host did. */
export const replayClient = async (session: Session): Promise<string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'guest-vector-'));
  const replay = new Replay(join(folder, 'v'));
  try {
    await replay.run(session);
    const open = readdirSync(folder);
    if (open.length > 0) replay.differences.push(`still listening: ${open.join(', ')}`);
  } catch (error) {
    replay.differences.push(messageOf(error));
  } finally {
    replay.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return replay.differences;
};

class Replay {
  readonly differences: string[] = [];
  readonly #path: string;
  readonly #asked = new Map<bigint, Asked>();
  /** By recorded port: the client's own, and the double's end of it. */
  readonly #ports = new Map<number, number>();
  readonly #streams = new Map<number, StreamEndpoint>();
  /** Waits that the client sent of itself, by process. */
  readonly #waits = new Map<string, bigint>();
  readonly #owners = new Map<number, Owner>();
  /** What was written to outputs, and what the client has read of them; by recorded port. */
  readonly #written = new Map<number, Buffer>();
  readonly #read = new Map<number, Promise<Buffer>>();
  /** Ports at which the guest has ended its output. */
  readonly #ended = new Set<number>();
  #recordedWaits = new Set<string>();
  readonly #dropped$ = new Subject<void>();
  #strays = 0;
  #guest: BridgeEndpoint | undefined;
  #world: ClientWorld | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async run({ timeline }: Session): Promise<void> {
    this.#recordedWaits = new Set(
      timeline.flatMap((event) => (event.kind === 'frame' && event.fromHost ? waitedFor(event) : [])),
    );
    for (const event of timeline) {
      if (event.kind === 'stray') await this.#stray(event);
      else if (event.kind !== 'frame') await this.#stdio(event);
      else if (event.fromHost) await this.#request(event);
      else await this.#answer(event);
    }
    await this.#settle();
    this.#guest?.close();
    if (this.#world !== undefined)
      await within('the end of the bridge', firstValueFrom(this.#world.guest.end$));
    // As `connectGuest` does.
    this.#world?.context.transport.close().subscribe();
    for (const { id } of this.#guest?.received.left() ?? [])
      this.differences.push(`an unrecorded request, id ${id}`);
  }

  close(): void {
    this.#world?.context.bridge.close();
    this.#guest?.close();
    for (const stream of this.#streams.values()) stream.close();
  }

  async #request(recorded: RecordedFrame): Promise<void> {
    const name = requestName(recorded.type) as RequestName;
    const fields = fieldsOf(recorded.body) ?? {};
    if (name === 'negotiateProtocol') return this.#connect(recorded, fields);
    const world = this.#world;
    if (world === undefined) throw new Error('nothing was negotiated');
    const key = processKey(String(fields['ContainerId']), fields['ProcessId']);
    const own =
      name === 'waitForProcess' && fields['TimeoutInMs'] === forever ? this.#waits.get(key) : undefined;
    if (own !== undefined) {
      this.#waits.delete(key);
      const exit$ = world.processes.get(key)?.exit$;
      this.#asked.set(recorded.id, {
        name,
        fields,
        ports: {},
        atBridge: false,
        id: own,
        outcome: outcomeOf(exit$ ?? EMPTY),
      });
      return;
    }
    await this.#send(recorded, name, fields, askClient(world, name, fields));
  }

  async #send(
    recorded: RecordedFrame,
    name: RequestName,
    fields: Fields,
    { work$, atBridge }: AskedOf,
  ): Promise<void> {
    const outcome = outcomeOf(work$);
    const sent = await this.#received(name, recorded);
    const ports = portsIn(recorded.body);
    this.#asked.set(recorded.id, { name, fields, ports, atBridge, id: sent.id, outcome });
    if (name === 'executeProcess') this.#mapPorts(recorded.body, sent.body);
  }

  async #received(name: RequestName, recorded: RecordedFrame) {
    const sent = await this.#guest!.received.next(
      `the request ${name}`,
      ({ type }) => type === requestTypes[name],
    );
    if (!sameTerms(recorded.body, sent.body)) {
      this.differences.push(
        `${name}: recorded ${show(requestTerms(recorded.body))}\n${' '.repeat(name.length)}      sent ${show(requestTerms(sent.body))}`,
      );
    }
    return sent;
  }

  async #connect(recorded: RecordedFrame, fields: Fields): Promise<void> {
    const transport = vsockSockets(this.#path);
    const opened = firstValueFrom(transport.openBridge());
    // The socket is there as soon as somebody listens, which takes a turn.
    const dialled = await dialUntilThere(this.#path);
    this.#guest = bridgeEndpoint(dialled);
    const bridge = openBridge(await opened, {
      onStray: () => {
        this.#strays += 1;
        this.#dropped$.next();
      },
    });
    const outcome = outcomeOf(negotiate(bridge));
    const sent = await this.#received('negotiateProtocol', recorded);
    const negotiated = outcome.then((settled) => {
      if ('value' in settled) {
        const capabilities = settled.value as GuestCapabilities;
        this.#world = clientWorld(
          guestContext({ bridge: bridge, transport: transport, scheduler: asyncScheduler }, capabilities),
          capabilities,
        );
      }
      return settled;
    });
    this.#asked.set(recorded.id, {
      name: 'negotiateProtocol',
      fields,
      ports: {},
      atBridge: false,
      id: sent.id,
      outcome: negotiated,
    });
  }

  #mapPorts(recorded: Uint8Array, sent: Uint8Array): void {
    const [theirs, ours] = [portsIn(recorded), portsIn(sent)];
    for (const [name, port] of Object.entries(theirs)) this.#ports.set(port, ours[name] ?? 0);
  }

  async #answer(recorded: RecordedFrame): Promise<void> {
    const { type, body } = recorded;
    if (type >>> 28 === 3) return this.#notify(recorded);
    const asked = this.#asked.get(recorded.id);
    if (asked === undefined) throw new Error(`an answer to what was not asked, id ${recorded.id}`);
    this.#asked.delete(recorded.id);
    this.#guest?.send({ type, id: asked.id, body });
    const outcome = await within(`what the client makes of the answer to ${asked.name}`, asked.outcome);
    this.#compare(asked, outcome, fieldsOf(body) ?? {});
    if (asked.name === 'executeProcess' && 'value' in outcome) {
      const process = outcome.value as ComputeProcess;
      this.#own(asked.ports, process);
      await this.#ownWait(processKey(String(asked.fields['ContainerId']), process.pid), process.pid);
    }
  }

  /** Dropped, whatever runs: what follows must go on. */
  async #stray({ type, id, body }: StrayFrame): Promise<void> {
    const before = this.#strays;
    this.#guest?.send({ type, id, body });
    await within('that a message of an earlier connection is dropped', firstValueFrom(this.#dropped$));
    if (this.#strays !== before + 1) this.differences.push(`message ${id} was dropped more than once`);
  }

  /** The wait that the client sends of itself. */
  async #ownWait(key: string, pid: unknown): Promise<void> {
    const isIt = (body: Uint8Array): boolean => {
      const { ContainerId, ProcessId, TimeoutInMs } = fieldsOf(body) ?? {};
      return processKey(String(ContainerId), ProcessId) === key && TimeoutInMs === forever;
    };
    const wait = await this.#guest!.received.next(
      `the wait for process ${pid}`,
      ({ type, body }) => type === requestTypes.waitForProcess && isIt(body),
    );
    if (this.#recordedWaits.has(key)) this.#waits.set(key, wait.id);
  }

  async #notify({ type, body }: RecordedFrame): Promise<void> {
    this.#guest?.send({ type, id: 0n, body });
    const id = String(fieldsOf(body)?.['ContainerId']);
    const container = this.#world?.containers.get(id);
    if (container === undefined)
      return void this.differences.push(`the end of a container without a name, ${id}`);
    const exit = await within(`the end of container ${id}`, firstValueFrom(container.exit$));
    if (exit.reason !== 'ended') this.differences.push(`container ${id} is reported as ${exit.reason}`);
  }

  #compare({ name, fields, atBridge }: Asked, outcome: Outcome, response: Fields): void {
    const expected = expectedOf(name, response, atBridge);
    const actual = reportedOf(name, outcome, expected);
    if (show(expected) !== show(actual)) {
      const what = `${name} ${String(fields['ContainerId'])}`;
      this.differences.push(`${what}: answered ${show(expected)}, got ${show(actual)}`);
    }
  }

  async #stdio({ kind, port, fromHost, bytes }: StdioEvent): Promise<void> {
    // The host of that session did not listen; the double does not dial.
    if (kind === 'refused') return;
    if (kind === 'connect') {
      const socket = await within(
        `a port for ${port}`,
        firstValueFrom(dialSockets(this.#path)(this.#ports.get(port) ?? 0)),
      );
      this.#streams.set(port, streamEndpoint(socket));
      return;
    }
    const stream = this.#streams.get(port);
    if (stream === undefined) throw new Error(`${kind} on port ${port}, which has not been dialled`);
    const owner = this.#owners.get(port);
    if (!fromHost) {
      if (kind === 'data') {
        this.#written.set(port, Buffer.concat([this.#written.get(port) ?? Buffer.alloc(0), bytes]));
        stream.send(bytes);
      } else {
        this.#ended.add(port);
        stream.halfClose();
      }
    } else if (kind === 'data') {
      await owner?.process.stdio.stdin?.write(bytes);
      const arrived = await stream.read(`input on port ${port}`, bytes.length);
      if (!arrived.equals(bytes))
        this.differences.push(`input on port ${port} came as ${show(arrived.toString())}`);
    } else if (kind === 'eof') {
      owner?.process.closeStdin().subscribe();
      await stream.end(`the end of input on port ${port}`);
    } else {
      // The client closes output at its end, but not before the process is its own; see the end of the run.
      if (owner?.name === 'StdIn') owner.process.close().subscribe();
      else if (!this.#ended.has(port)) closeOutput(owner);
      if (owner !== undefined) await stream.end(`the close of port ${port}`);
    }
  }

  /** Reads all output of a process, as a relay would. */
  #own(ports: Ports, process: ComputeProcess): void {
    for (const [name, port] of Object.entries(ports)) {
      this.#owners.set(port, { name, process });
      const source =
        name === 'StdOut' ? process.stdio.stdout : name === 'StdErr' ? process.stdio.stderr : undefined;
      if (source !== undefined) this.#read.set(port, allOf(source));
    }
  }

  async #settle(): Promise<void> {
    // What still runs at the end of the session still has its input.
    for (const { name, process } of this.#owners.values()) {
      if (name === 'StdIn') process.close().subscribe();
    }
    for (const [port, stream] of this.#streams) {
      const read = this.#read.get(port);
      // As is its output.
      stream.halfClose();
      await stream.end(`the close of port ${port}`);
      const [expected, actual] = [
        this.#written.get(port) ?? Buffer.alloc(0),
        await (read ?? Buffer.alloc(0)),
      ];
      if (read !== undefined && !expected.equals(actual)) {
        this.differences.push(
          `output on port ${port}: ${expected.length} bytes were sent, ${actual.length} read`,
        );
      }
    }
  }
}

type Ports = Readonly<Record<string, number>>;

interface Owner {
  readonly name: string;
  readonly process: ComputeProcess;
}

/** As a host does that wants no more of it. */
const closeOutput = (owner: Owner | undefined): void => {
  const closing = owner?.name === 'StdErr' ? owner.process.closeStderr() : owner?.process.closeStdout();
  closing?.subscribe();
};

const portsIn = (body: Uint8Array): Ports => {
  const settings = fieldsOf(body)?.['Settings'] as { readonly VsockStdioRelaySettings?: Ports } | undefined;
  return settings?.VsockStdioRelaySettings ?? {};
};

const waitedFor = ({ type, body }: RecordedFrame): string[] => {
  const { ContainerId, ProcessId, TimeoutInMs } = fieldsOf(body) ?? {};
  const isWait = type === requestTypes.waitForProcess && TimeoutInMs === forever;
  return isWait ? [processKey(String(ContainerId), ProcessId)] : [];
};

const allOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

const outcomeOf = (work$: Observable<unknown>): Promise<Outcome> =>
  new Promise((resolve) => {
    let last: unknown;
    work$.subscribe({
      next: (value) => (last = value),
      error: (error) => resolve({ error }),
      complete: () => resolve({ value: last }),
    });
  });

/** What an answer comes to in the client: what it says, or with which code it refuses. */
const expectedOf = (name: RequestName, response: Fields, atBridge: boolean): unknown => {
  const result = Number(response['Result']);
  const code = result === 0 ? undefined : codeOf(result);
  // Gone is as good as ended, and no failure of who sends a signal.
  if (code === hcsCodes.computeSystemDoesNotExist && !atBridge && forgiving.has(name)) return 'done';
  if (code === hcsCodes.elementNotFound && !atBridge && name === 'signalProcess') return 'notDelivered';
  if (code !== undefined) return { code, says: response['ErrorMessage'] };
  if (name === 'executeProcess') return { pid: response['ProcessId'] };
  if (name === 'waitForProcess') return { code: response['ExitCode'] ?? 0 };
  if (name === 'dumpStacks') return response['GuestStacks'];
  return 'done';
};

const forgiving = new Set<RequestName>(['shutdownGraceful', 'shutdownForced', 'deleteContainerState']);

const reportedOf = (name: RequestName, outcome: Outcome, expected: unknown): unknown => {
  if ('error' in outcome) {
    const { error } = outcome;
    const code = statusCodeOf((error as Error).cause);
    const says = (expected as { readonly says?: unknown }).says;
    return { code, says: messageOf(error).includes(String(says)) ? says : messageOf(error) };
  }
  const { value } = outcome;
  if (value === 'notDelivered') return value;
  if (name === 'executeProcess') return { pid: (value as ComputeProcess).pid };
  if (name === 'waitForProcess') {
    // A wait at the bridge itself gives the answer; one of a process its end.
    const { code, ExitCode } = value as { readonly code?: number; readonly ExitCode?: number };
    return { code: code ?? ExitCode ?? 0 };
  }
  if (name === 'dumpStacks') return value;
  return 'done';
};

const dialUntilThere = async (path: string): Promise<Duplex> => {
  const dial$ = defer(() => dialSockets(path)(bridgePort)).pipe(retry({ count: 100, delay: 10 }));
  return firstValueFrom(dial$);
};
