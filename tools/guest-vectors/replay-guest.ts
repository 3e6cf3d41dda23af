/**
 * Replays a session against rxshim's own guest: a double of the recorded host sends the very bytes that it sent then, and
 * offers the ports that it offered; below the guest is an engine that does what the processes did.
 *
 * What the guest answers is compared in its own terms: results, pids, exit codes, echoes, and that there is a text where
 * there was one. What the texts are, how exits are classed and what stacks look like is each guest's own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { dialSockets } from '../../src/agent/dialer.js';
import { AgentError } from '../../src/agent/error.js';
import { serveAgent } from '../../src/agent/serve.js';
import { messageOf } from '../../src/hcs/failures/errors.js';
import { streamConnection } from '../../src/hcs/guest/bridge/connection.js';
import { bridgePort, guestId } from '../../src/hcs/guest/protocol/constants.js';
import type { Frame } from '../../src/hcs/guest/protocol/frame.js';
import { hresults } from '../../src/hcs/guest/protocol/hresults.js';
import { type Fields, isFields } from '../../src/hcs/guest/protocol/json.js';
import { type RequestName, requestName } from '../../src/hcs/guest/protocol/message-types.js';
import { listenOnce } from '../../src/hcs/guest/transport/listen-once.js';
import { fieldsOf, parsed, show } from './message.js';
import { type EngineProcess, scriptedEngine } from './scripted-engine.js';
import type { RecordedFrame, Session, StdioEvent } from './session.js';
import { type BridgeEndpoint, bridgeEndpoint, type StreamEndpoint, streamEndpoint } from './wire.js';
import { arrivals, within } from './within.js';

/** The differences; none when rxshim's guest does as the recorded one did. */
export const replayGuest = async (session: Session): Promise<string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'guest-vector-'));
  const replay = new Replay(join(folder, 'v'), session);
  try {
    await replay.run();
  } catch (error) {
    replay.differences.push(messageOf(error));
  } finally {
    replay.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return replay.differences;
};

/** A request, and the answer that was recorded for it. */
interface Exchange {
  readonly name: RequestName | undefined;
  readonly request: Fields;
  readonly response: Fields | undefined;
}

class Replay {
  readonly differences: string[] = [];
  readonly #path: string;
  readonly #session: Session;
  readonly #exchanges: ReadonlyMap<RecordedFrame, Exchange>;
  readonly #engine = scriptedEngine();
  readonly #streams = new Map<number, StreamEndpoint>();
  readonly #dialled = new Map<number, ReturnType<typeof arrivals<StreamEndpoint>>>();
  readonly #offers: { close(): void }[] = [];
  /** The process behind each port, and the name of its stream. */
  readonly #owners = new Map<number, { readonly pid: number; readonly name: string }>();
  /** Ports of processes that never came to be: what the guest does with them is its own affair. */
  readonly #idle = new Set<number>();
  #host: BridgeEndpoint | undefined;

  constructor(path: string, session: Session) {
    this.#path = path;
    this.#session = session;
    this.#exchanges = exchangesOf(session);
  }

  async run(): Promise<void> {
    const offered = await firstValueFrom(listenOnce({ path: `${this.#path}_${bridgePort}` }));
    const dial = dialSockets(this.#path);
    const connection = await firstValueFrom(dial(bridgePort));
    const served = lastValueFrom(
      serveAgent({ connection: streamConnection(connection, connection), dial, engine: this.#engine }),
    );
    this.#host = bridgeEndpoint(await firstValueFrom(offered.connection$));
    for (const event of this.#session.timeline) {
      // Of an earlier connection, which this agent has not had.
      if (event.kind === 'stray') continue;
      if (event.kind !== 'frame') await this.#stdio(event);
      else if (event.fromHost) await this.#request(event);
      else await this.#answer(event);
    }
    for (const frame of this.#host.received.left()) {
      if (this.#isUnexpected(frame)) this.differences.push(`unrecorded: ${show(fieldsOf(frame.body))}`);
    }
    this.#engine.obey();
    this.#host.close();
    await within('the end of the guest', served);
  }

  /** The session may have ended before an answer, or before the notification that a terminated container has ended. */
  #isUnexpected({ type, id, body }: Frame): boolean {
    const exchanges = [...this.#exchanges];
    if (type >>> 28 === 3) {
      const container = fieldsOf(body)?.['ContainerId'];
      return !exchanges.some(
        ([, { request, response }]) =>
          request['ContainerId'] === container && response?.['ExitCode'] !== undefined,
      );
    }
    return !exchanges.some(
      ([frame, { response }]) => isAnswerTo(frame)({ type, id, body }) && response === undefined,
    );
  }

  close(): void {
    this.#engine.obey();
    this.#host?.close();
    for (const offer of this.#offers) offer.close();
    for (const stream of this.#streams.values()) stream.close();
  }

  async #request(frame: RecordedFrame): Promise<void> {
    const exchange = this.#exchanges.get(frame);
    if (exchange?.name === 'executeProcess') await this.#prepare(exchange);
    const failure = exchange?.response && failureOf(exchange.response);
    if (exchange?.name !== undefined && failure !== undefined) this.#engine.failures[exchange.name] = failure;
    this.#host?.send(frame);
    // What is done at once is answered before the session goes on: what ends a process must find it running.
    if (exchange?.response !== undefined && !lasting.has(exchange.name) && !endsGuest(exchange)) {
      await this.#host?.received.seen(`the answer to ${exchange.name}`, isAnswerTo(frame));
    }
  }

  /** Offers the ports, and announces to the engine what is coming. */
  async #prepare({ request, response }: Exchange): Promise<void> {
    const refused = new Set(
      this.#session.timeline.flatMap((event) => (event.kind === 'refused' ? [event.port] : [])),
    );
    const pid = response?.['ProcessId'];
    for (const [name, port] of Object.entries(portsIn(request))) {
      if (typeof pid === 'number') this.#owners.set(port, { pid, name });
      else this.#idle.add(port);
      if (refused.has(port)) continue;
      const offer = await firstValueFrom(listenOnce({ path: `${this.#path}_${port}` }));
      const dialled = arrivals<StreamEndpoint>();
      this.#offers.push(offer);
      this.#dialled.set(port, dialled);
      offer.connection$.subscribe((socket) => {
        const stream = streamEndpoint(socket);
        this.#streams.set(port, stream);
        dialled.arrive(stream);
      });
    }
    if (typeof pid === 'number') this.#engine.pids.push(pid);
  }

  async #answer(recorded: RecordedFrame): Promise<void> {
    const expected = fieldsOf(recorded.body) ?? {};
    const request = this.#requestOf(recorded);
    const exchange = request && this.#exchanges.get(request);
    const isCreate = exchange?.name === 'create' && expected['Result'] !== alreadyExists;
    if (isCreate) {
      this.#engine.decide(String(exchange.request['ContainerId']), failureOf(expected));
    }
    // It was answered where powering off was denied; a guest that ends does not answer.
    if (exchange !== undefined && endsGuest(exchange)) return;
    if (exchange?.name === 'waitForProcess' && expected['ExitCode'] !== undefined) {
      await this.#exit(Number(exchange.request['ProcessId']), Number(expected['ExitCode']));
    }
    const what = `the answer to ${exchange?.name ?? 'a message'} with id ${recorded.id}`;
    const frame = await this.#host!.received.next(
      recorded.id === 0n && recorded.type >>> 28 === 3 ? 'a notification' : what,
      ({ type, id }) => type === recorded.type && id === recorded.id,
    );
    if (exchange?.name !== undefined) delete this.#engine.failures[exchange.name];
    if (isCreate) this.#engine.forget(String(exchange.request['ContainerId']));
    this.#compare(exchange?.name, expected, frame);
  }

  #compare(name: RequestName | undefined, recorded: Fields, { body }: Frame): void {
    const [expected, actual] = [termsOf(name, recorded), termsOf(name, fieldsOf(body) ?? {})];
    if (!isDeepStrictEqual(expected, actual)) {
      this.differences.push(
        `${name ?? 'notification'}: recorded ${show(expected)}\n${' '.repeat((name ?? 'notification').length)}  answered ${show(fieldsOf(body))}`,
      );
    }
  }

  async #stdio({ kind, port, fromHost, bytes }: StdioEvent): Promise<void> {
    if (kind === 'refused' || this.#idle.has(port)) return;
    if (kind === 'connect') {
      await this.#dialled.get(port)?.next(`the guest at port ${port}`);
      return;
    }
    const stream = this.#streams.get(port);
    const owner = this.#owners.get(port);
    if (stream === undefined || owner === undefined)
      throw new Error(`${kind} on port ${port}, which has no owner`);
    const process = await this.#engine.process(owner.pid);
    const output = owner.name === 'StdErr' ? process.pipes.stderr : process.pipes.stdout;
    // Of its end of an input a guest lets go when it likes.
    if (!fromHost && owner.name === 'StdIn') return;
    if (fromHost) {
      if (kind === 'data') {
        stream.send(bytes);
        await this.#typed(process, bytes);
      } else if (kind === 'eof') stream.halfClose();
      else stream.close();
    } else if (kind === 'data') {
      void output?.write(bytes).catch(() => undefined);
      const arrived = await stream.read(`output on port ${port}`, bytes.length);
      if (!arrived.equals(bytes))
        this.differences.push(`output on port ${port} came as ${show(arrived.toString())}`);
    } else {
      // A process that is about to close its output has mostly ended; it certainly has if that is known.
      const code = this.#exitCodeOf(owner.pid);
      if (code !== undefined) process.exit(code);
      output?.end();
      await stream.end(`the end of output on port ${port}`);
    }
  }

  async #typed({ pipes }: EngineProcess, bytes: Buffer): Promise<void> {
    let arrived = Buffer.alloc(0);
    const reader = pipes.stdin?.[Symbol.asyncIterator]();
    while (reader !== undefined && arrived.length < bytes.length) {
      const { value, done } = await within('input', reader.next());
      if (done) break;
      arrived = Buffer.concat([arrived, value]);
    }
    if (!arrived.equals(bytes)) this.differences.push(`input came as ${show(arrived.toString())}`);
  }

  async #exit(pid: number, code: number): Promise<void> {
    const process = await this.#engine.process(pid);
    process.exit(code);
    process.pipes.stdout?.end();
    process.pipes.stderr?.end();
    // The host may have noted down only after the answer that it had closed these before.
    for (const [port, owner] of this.#owners) {
      if (owner.pid !== pid || owner.name === 'StdIn') continue;
      const stream = this.#streams.get(port);
      await stream?.end(`the end of output on port ${port}`);
      stream?.close();
    }
  }

  #exitCodeOf(pid: number): number | undefined {
    for (const { name, request, response } of this.#exchanges.values()) {
      const code = response?.['ExitCode'];
      if (name === 'waitForProcess' && request['ProcessId'] === pid && code !== undefined)
        return Number(code);
    }
    return undefined;
  }

  #requestOf({ type, id }: RecordedFrame): RecordedFrame | undefined {
    return [...this.#exchanges.keys()].find((one) => one.id === id && responseOf(one.type) === type);
  }
}

/** What may take its time. */
const lasting = new Set<RequestName | undefined>(['create', 'executeProcess', 'waitForProcess']);

const endsGuest = ({ name, request }: Exchange): boolean =>
  (name === 'shutdownForced' || name === 'shutdownGraceful') && request['ContainerId'] === guestId;

const isAnswerTo =
  (request: RecordedFrame) =>
  ({ type, id }: Frame): boolean =>
    id === request.id && type === responseOf(request.type);

const responseOf = (type: number): number => ((type & 0x0fffffff) | 0x20000000) >>> 0;

const exchangesOf = ({ timeline }: Session): ReadonlyMap<RecordedFrame, Exchange> => {
  const frames = timeline.filter((event): event is RecordedFrame => event.kind === 'frame');
  const exchanges = new Map<RecordedFrame, Exchange>();
  for (const [index, frame] of frames.entries()) {
    if (!frame.fromHost) continue;
    const answer = frames
      .slice(index)
      .find((other) => !other.fromHost && other.id === frame.id && other.type === responseOf(frame.type));
    exchanges.set(frame, {
      name: requestName(frame.type),
      request: fieldsOf(frame.body) ?? {},
      response: answer && fieldsOf(answer.body),
    });
  }
  return exchanges;
};

const portsIn = (request: Fields): Readonly<Record<string, number>> => {
  const settings = request['Settings'];
  const ports = isFields(settings) ? settings['VsockStdioRelaySettings'] : undefined;
  return isFields(ports) ? (ports as Readonly<Record<string, number>>) : {};
};

/** Said without asking the engine, while it may still be at the first one. Signed, as on the wire. */
const alreadyExists = hresults.systemAlreadyExists | 0;

/** What the engine is to fail with, where it is asked at all: what the protocol itself refuses never gets so far. */
const failureOf = ({ Result, ErrorMessage }: Fields): AgentError | undefined =>
  typeof Result === 'number' && Result !== 0 ? new AgentError(Result >>> 0, String(ErrorMessage)) : undefined;

/** An answer, or a notification, as two of them are compared. */
const termsOf = (name: RequestName | undefined, response: Fields): unknown => {
  const { Result, ActivityId, ErrorMessage, ErrorRecords } = response;
  const base = { Result, ActivityId, says: ErrorMessage !== undefined, records: Array.isArray(ErrorRecords) };
  const { ContainerId, Operation } = response;
  switch (name) {
    case 'negotiateProtocol':
      return { ...base, Version: response['Version'], Capabilities: response['Capabilities'] };
    case 'create':
      return { ...base, SelectedProtocolVersion: response['SelectedProtocolVersion'] };
    case 'executeProcess':
      return { ...base, ProcessId: response['ProcessId'] };
    case 'waitForProcess':
      return { ...base, ExitCode: response['ExitCode'] };
    case 'getProperties': {
      const properties = parsed(String(response['Properties']));
      return { ...base, lists: isFields(properties) && Array.isArray(properties['ProcessList']) };
    }
    case 'dumpStacks':
      return { ...base, stacks: typeof response['GuestStacks'] };
    case undefined:
      return { ...base, ContainerId, Operation };
    default:
      return base;
  }
};
