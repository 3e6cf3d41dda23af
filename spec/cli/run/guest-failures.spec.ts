/** `rxshim run --guest` with a guest that refuses or dies. The requests of the program are seen by a scripted agent. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from '@jest/globals';
import { retry, Subject, timer } from 'rxjs';
import { dialSockets } from '../../../src/agent/dialer.js';
import { streamConnection } from '../../../src/hcs/guest/index.js';
import { encodeFrame } from '../../../src/hcs/guest/protocol/frame.js';
import { frames } from '../../../src/hcs/guest/protocol/frames.js';
import { type Fields, parseBody } from '../../../src/hcs/guest/protocol/json.js';
import {
  containerNotification,
  requestName,
  responseTo,
} from '../../../src/hcs/guest/protocol/message-types.js';
import { capabilities } from '../../hcs/guest/scripted-guest.js';
import { describeOnLinux, main, rxshim, scratch, start } from '../rxshim.js';

/** Answers the requests of one program, and returns their names. */
const scriptedAgent = (path: string, script: (name: string) => object): readonly string[] => {
  const names: string[] = [];
  const dial$ = dialSockets(path)(0x40000000).pipe(retry({ delay: () => timer(10) }));
  dial$.subscribe((socket) => {
    const connection = streamConnection(socket, socket);
    const bytes$ = new Subject<Uint8Array>();
    bytes$.pipe(frames(Number.POSITIVE_INFINITY)).subscribe(({ type, id, body }) => {
      const name = requestName(type) ?? '';
      const { Request, ContainerId } = parseBody(body) as Fields;
      names.push([name, (Request as Fields | undefined)?.['RequestType']].filter(Boolean).join(' '));
      const negotiated = { Version: 4, Capabilities: capabilities };
      const answer = name === 'negotiateProtocol' ? negotiated : script(name);
      const send = (its: number, to: bigint, fields: object): void =>
        connection.send(encodeFrame({ type: its, id: to, body: Buffer.from(JSON.stringify(fields)) }));
      send(responseTo(type), id, { Result: 0, ...answer });
      if (name === 'waitForProcess') send(containerNotification, 0n, { ContainerId });
    });
    // The program closes the connection when it ends.
    connection.received$.subscribe({ next: (chunk) => bytes$.next(chunk), error: () => undefined });
  });
  return names;
};

describeOnLinux('rxshim run --guest', () => {
  const at = scratch();
  const layered = (path: string, command: string) => [
    'run',
    '--guest',
    `unix:${path}`,
    '--guest-layer',
    '/layers/base',
    '--',
    command,
  ];

  it.each([
    ['exec: "/no/such": stat /no/such: no such file or directory: unknown', 127],
    ['exec: "nosuch": executable file not found in $PATH: unknown', 127],
    ['exec: "/etc/passwd": permission denied: unknown', 126],
    ['there is no space left on the device', 125],
  ])(
    'ends as the failure is, and leaves nothing mounted, where the guest refuses to create: %s',
    async (text, code) => {
      const path = at(`create-${code}-${text.length}`);
      const names = scriptedAgent(path, (name) =>
        name === 'create' ? { Result: -2147467259, ErrorMessage: `runc create failed: ${text}` } : {},
      );
      expect(await rxshim(layered(path, '/no/such'))).toMatchObject({ code, stdout: '' });
      expect(names).toEqual(['negotiateProtocol', 'modifySettings Add', 'create', 'modifySettings Remove']);
    },
  );

  it.each([
    ['exec: "/no/such": no such file or directory', 127],
    ['exec: "/etc/passwd": permission denied', 126],
  ])('cleans up once where the guest refuses to start: %s', async (text, code) => {
    const path = at(`start-${code}`);
    const names = scriptedAgent(path, (name) =>
      name === 'executeProcess' ? { Result: -2147467259, ErrorMessage: `runc exec failed: ${text}` } : {},
    );
    expect(await rxshim(layered(path, '/no/such'))).toMatchObject({ code, stdout: '' });
    expect(names.filter((name) => name === 'modifySettings Remove')).toHaveLength(1);
    expect(names.filter((name) => name === 'deleteContainerState')).toHaveLength(1);
    expect(names.at(-1)).toBe('deleteContainerState');
  });

  it('cleans up once after a command that has ended', async () => {
    const path = at('once');
    const names = scriptedAgent(path, (name) =>
      name === 'executeProcess' ? { ProcessId: 7 } : { ExitCode: 9 },
    );
    expect(await rxshim(layered(path, 'x'))).toMatchObject({ code: 9 });
    expect(names.filter((name) => name === 'modifySettings Remove')).toHaveLength(1);
    expect(names.filter((name) => name === 'deleteContainerState')).toHaveLength(1);
  });

  it('ends with 125 when the agent dies', async () => {
    const path = at('dies');
    const agent = start(['agent', `unix:${path}`]);
    const running = start([
      'run',
      '--guest',
      `unix:${path}`,
      '--',
      'sh',
      '-c',
      'echo "pid $$ ready"; exec sleep 1000',
    ]);
    await running.said(/ready/);
    agent.child.kill('SIGKILL');
    const { code, stdout, stderr } = await running.ended;
    process.kill(Number(/pid (\d+)/.exec(stdout)?.[1]), 'SIGKILL');
    expect({ code, stderr }).toEqual({
      code: 125,
      // Reset: the killed agent had not read all that was sent to it.
      stderr: expect.stringMatching(
        /^rxshim: .*the bridge to the guest (was ended by the guest|has failed: read ECONNRESET)/,
      ),
    });
    await agent.ended;
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith('dies_'))).toEqual([]);
  });

  it('ends with 125 when an agent that is its child dies', async () => {
    const guest = `exec:exec '${process.execPath}' '${main}' agent stdio`;
    const pid = at('pid');
    const script = `echo $$ >'${pid}'; kill -9 $PPID; exec sleep 1000`;
    const ended = await rxshim(['run', '--guest', guest, '--', 'sh', '-c', script]);
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
    expect(ended).toMatchObject({ code: 125, stderr: expect.stringContaining('was ended by SIGKILL') });
  });
});
