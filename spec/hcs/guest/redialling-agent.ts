/**
 * A stand-in that behaves as the newest agent (hcsshim since v0.15.0-rc.2): it connects again after its connection is
 * lost and keeps its containers and processes. Answers to requests of the old connection are sent on the new one, with
 * their old ids; notifications are queued while it is disconnected. A process is forgotten once a wait for it was
 * answered, an init is not.
 */
import { type RequestName, requestName } from '../../../src/hcs/guest/protocol/message-types.js';
import { type MemoryConnection, memoryConnection, type Sent } from './memory-connection.js';
import { capabilities } from './scripted-guest.js';

interface Process {
  readonly containerId: string;
  readonly isInit: boolean;
  readonly waits: Sent[];
  readonly ports: readonly number[];
  code?: number;
}

interface Container {
  readonly activity: string;
  /** Its end is notified once. */
  isNotified?: boolean;
  init?: number;
}

const host = '00000000-0000-0000-0000-000000000000';
const refused = (code: number): object => ({
  Result: code | 0,
  ErrorMessage: `HRESULT: 0x${code.toString(16)}`,
});
const [notFound, noSystem, exists] = [0x80070490, 0xc037010e, 0xc037010f];

export class RediallingAgent {
  readonly processes = new Map<number, Process>();
  readonly containers = new Map<string, Container>();
  readonly #queued: (() => void)[] = [];
  #connection: MemoryConnection | undefined;
  #nextPid = 100;
  #stopped: (() => void)[] | undefined;

  /** A new connection, as the agent dials. What was queued is sent before the negotiation is answered. */
  connect(): MemoryConnection {
    const connection = memoryConnection((request) => queueMicrotask(() => this.#handle(request)));
    this.#connection = connection;
    return connection;
  }

  /** The connection is lost. */
  disconnect(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.end();
  }

  /** Handles and sends nothing until `continue`, as after SIGSTOP. */
  stop(): void {
    this.#stopped = [];
  }

  continue(): void {
    const held = this.#stopped ?? [];
    this.#stopped = undefined;
    for (const act of held) act();
  }

  /** The process exits. */
  exit(pid: number, code: number): void {
    const process = this.processes.get(pid);
    if (process === undefined || process.code !== undefined) return;
    process.code = code;
    const waits = process.waits.splice(0);
    for (const wait of waits) this.#send(() => this.#connection?.answer(wait, { ExitCode: code }));
    if (waits.length > 0) this.#answered(pid, process);
  }

  /** Whether everything that was to be sent is sent. */
  get idle(): boolean {
    return this.#queued.length === 0;
  }

  #send(send: () => void): void {
    if (this.#stopped !== undefined) return void this.#stopped.push(() => this.#send(send));
    if (this.#connection === undefined) this.#queued.push(send);
    else send();
  }

  #answered(pid: number, { containerId, isInit }: Process): void {
    if (!isInit) return void this.processes.delete(pid);
    const container = this.containers.get(containerId);
    if (container === undefined || container.isNotified) return;
    container.isNotified = true;
    const { activity } = container;
    this.#send(() =>
      this.#connection?.frame(0x30100101, 0n, {
        ContainerId: containerId,
        ActivityId: activity,
        Type: 'UnexpectedExit',
        Operation: 'None',
        Result: 0,
      }),
    );
  }

  #handle(request: Sent): void {
    if (this.#stopped !== undefined) return void this.#stopped.push(() => this.#handle(request));
    if (this.#connection !== undefined) for (const send of this.#queued.splice(0)) send();
    const name = requestName(request.type) as RequestName;
    const id = String(request.fields['ContainerId']);
    const body = this.#answerTo(name, id, request);
    if (body !== undefined) this.#send(() => this.#connection?.answer(request, body));
  }

  #answerTo(name: RequestName, id: string, request: Sent): object | undefined {
    if (name === 'negotiateProtocol') return { Version: 4, Capabilities: capabilities };
    if (name === 'create') {
      if (this.containers.has(id)) return refused(exists);
      this.containers.set(id, { activity: String(request.fields['ActivityId']) });
      return {};
    }
    if (id !== host && !this.containers.has(id)) return refused(noSystem);
    if (name === 'executeProcess') return this.#execute(id, request);
    if (name === 'waitForProcess') return this.#wait(request);
    if (name === 'getProperties')
      return { Properties: JSON.stringify({ ProcessList: this.#processesOf(id) }) };
    if (name === 'deleteContainerState') this.containers.delete(id);
    if (name === 'signalProcess') {
      const pid = Number(request.fields['ProcessId']);
      if (this.processes.get(pid)?.code !== undefined || !this.processes.has(pid)) return refused(notFound);
      queueMicrotask(() => this.exit(pid, 137));
    }
    if (name === 'shutdownGraceful' || name === 'shutdownForced') {
      for (const [pid, { containerId }] of this.processes)
        if (containerId === id) queueMicrotask(() => this.exit(pid, 137));
    }
    return {};
  }

  #processesOf(id: string): readonly object[] {
    const running = [...this.processes].filter(
      ([, { containerId, code }]) => containerId === id && code === undefined,
    );
    return running.map(([ProcessId]) => ({ ProcessId }));
  }

  #execute(containerId: string, { fields }: Sent): object {
    const { ProcessParameters, VsockStdioRelaySettings } = fields['Settings'] as {
      readonly ProcessParameters: string;
      readonly VsockStdioRelaySettings: Readonly<Record<string, number>>;
    };
    const isInit = containerId !== host && !('OciProcess' in JSON.parse(ProcessParameters));
    const pid = this.#nextPid;
    this.#nextPid += 1;
    this.processes.set(pid, {
      containerId,
      isInit,
      waits: [],
      ports: Object.values(VsockStdioRelaySettings),
    });
    const container = this.containers.get(containerId);
    if (isInit && container !== undefined) container.init = pid;
    return { ProcessId: pid };
  }

  #wait(request: Sent): object | undefined {
    const pid = Number(request.fields['ProcessId']);
    const process = this.processes.get(pid);
    if (process === undefined) return refused(notFound);
    if (process.code === undefined) {
      process.waits.push(request);
      return undefined;
    }
    queueMicrotask(() => this.#answered(pid, process));
    return { ExitCode: process.code };
  }
}
