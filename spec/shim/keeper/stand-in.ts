/**
 * A brain for specs of the keeper: it says what it was greeted with, and does what it is asked by calls of the Task service.
 *
 *     connect       who it is, and all that the keeper has said so far
 *     start         starts the shell command `execId` under the tag `id`; answers its pid
 *     kill          signals the child `all ? itself : signal >> 8`
 *     wait          answers the exit of the child with the pid `execId`, and confirms it
 *     state         never answers, until another brain is asked: for calls that are in flight
 *     exec          performs `execId`, JSON: ["hold" | "take" | "attach" …, …]
 *
 * BRAIN_DIES names a file: as long as it exists, a brain ends before it has done anything. With the `stuck` in its name it
 * blocks instead.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { statusOf } from '../../../src/hcs/contract/exit-code.js';
import { commandChannel } from '../../../src/shim/brain/command-channel.js';
import { forwardedClients } from '../../../src/shim/brain/forwarded-clients.js';
import { keeperCommands } from '../../../src/shim/brain/keeper-commands.js';
import { type Deposit, type KeeperFact, type KeptExit, keeperLink } from '../../../src/shim/brain/link.js';
import { TaskDefinition } from '../../../src/shim/messages/index.js';
import { service, ttrpcServer } from '../../../src/shim/ttrpc/index.js';

const dies = process.env['BRAIN_DIES'] ?? '';
if (existsSync(dies)) process.exit(1);

const facts: object[] = [];
const exits = new Map<number, KeptExit>();
const waiting = new Map<number, (exit: KeptExit) => void>();

const noted = (fact: KeeperFact): void => {
  if (fact.type !== 'request') facts.push(plain(fact));
  if (fact.type === 'exit') {
    exits.set(fact.pid, fact);
    waiting.get(fact.pid)?.(fact);
  }
  if (fact.type === 'ready') link.restored();
  clients.happened(fact);
};

const plain = (value: object): object =>
  JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? Number(each) : each)));

const socket = new Socket({ fd: 3 });
const link = keeperLink(socket, noted);
const keeper = keeperCommands(commandChannel(4));

/** Descriptors that a spec has asked for, by their number in its own list. */
const perform = (act: readonly unknown[]): unknown => {
  const [name, ...rest] = act as [string, ...never[]];
  switch (name) {
    case 'deposit': {
      const { process: of, body, ...others } = rest[0] as unknown as Record<string, unknown>;
      const child = of as { pid: number; after: number } | undefined;
      return link.deposit({
        ...(others as unknown as Deposit),
        ...(child && { process: { pid: child.pid, after: BigInt(child.after) } }),
        body: Buffer.from(body as string, 'base64'),
      });
    }
    case 'withdraw':
      return link.withdraw(...(rest as unknown as [string, string?]));
    case 'open':
      return openSync(rest[0] as unknown as string, 'r+');
    case 'close':
      return closeSync(rest[0] as unknown as number);
    case 'read': {
      const bytes = Buffer.alloc(65_536);
      return bytes.toString('utf8', 0, readSync(rest[0] as unknown as number, bytes));
    }
    case 'leave':
      link.leave();
      setTimeout(() => process.exit(0), 20);
      return undefined;
    case 'block': {
      const end = Date.now() + (rest[0] as unknown as number);
      while (Date.now() < end);
      return undefined;
    }
    default:
      return (keeper[name as keyof typeof keeper] as (...words: never[]) => unknown)(...(rest as never[]));
  }
};

const none = Object.fromEntries(Object.keys(TaskDefinition.methods).map((name) => [name, undefined]));
const task = service(TaskDefinition, {
  ...(none as Record<keyof typeof TaskDefinition.methods, undefined>),
  connect: async () => ({ shimPid: process.pid, taskPid: 0, version: JSON.stringify(facts) }),
  start: async ({ id, execId }) => {
    const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
    const shell = { file: '/bin/sh', args: ['sh', '-c', execId], env, cwd: '/', tag: id };
    const { pid } = keeper.spawn(shell, [undefined, undefined, undefined]);
    return { pid };
  },
  kill: async ({ all, signal }) => {
    if (all) process.kill(process.pid, 'SIGKILL');
    else if (!keeper.kill(signal >>> 8, signal & 0xff)) throw new Error('no such child');
    return {};
  },
  wait: async ({ execId }) => {
    const pid = Number(execId);
    const exit = exits.get(pid) ?? (await new Promise<KeptExit>((resolve) => void waiting.set(pid, resolve)));
    link.confirm(exit.number);
    return {
      exitStatus: statusOf(exit.exit),
      exitedAt: { seconds: Math.floor(exit.at / 1000), nanos: 0 },
    };
  },
  state: () => new Promise(() => undefined),
  pids: async ({ id }) => {
    const answered = perform(JSON.parse(id));
    const text = JSON.stringify(plain({ answered }));
    return { processes: [{ pid: 0, info: { typeUrl: text, value: new Uint8Array() } }] };
  },
});
const server = ttrpcServer({ services: [task] });
const clients = forwardedClients(link, { answered: () => undefined, closed: () => undefined }, server.attach);
