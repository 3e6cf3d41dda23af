import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { NEVER } from 'rxjs';
import { uncaughtErrors } from '../../../src/shim/daemon/uncaught-errors.js';
import { serviceClient } from '../../../src/shim/ttrpc/index.js';
import type { Logger } from '../../../src/streams/log.js';
import { TestDefinition } from '../ttrpc/definition.js';
import { serve, text } from '../ttrpc/harness.js';

const staged = async (hold: (caught: (error: unknown) => void) => unknown) => {
  const logged: unknown[] = [];
  const errors = uncaughtErrors({
    error: (fields: { err: Error }) => logged.push(fields.err.message),
  } as unknown as Logger);
  // Node calls it so, in the context in which the error was thrown.
  const caught = (error: unknown): void => errors.caught(error, 'uncaughtException');
  const begin = () => {
    hold(caught);
    return NEVER;
  };
  const harness = await serve({ hold: begin }, { scope: errors.scope });
  return { logged, caught, ...serviceClient(harness.client(), TestDefinition) };
};

const late = new Error('thrown later');

test.each<[string, (caught: (error: unknown) => void) => unknown]>([
  ['a timer', (caught) => setTimeout(() => caught(late), 5)],
  ['a promise', async (caught) => Promise.resolve().then(() => caught(late))],
  ['an immediate within a tick', (caught) => process.nextTick(() => setImmediate(() => caught(late)))],
  [
    'a socket',
    async (caught) => {
      const server = createServer(() => caught(late)).listen(0);
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      connect(port)
        .on('close', () => server.close())
        .end();
    },
  ],
])('An error in the callback of %s fails the call that it belongs to, and is logged', async (_what, hold) => {
  const { hold: call, echo, logged } = await staged(hold);
  await expect(call(text('x'))).rejects.toMatchObject({
    kind: 'internal',
    message: expect.stringContaining('thrown later'),
  });
  expect(logged).toEqual(['thrown later']);
  expect(await echo(text('y'))).toEqual(text('y'));
});

test('It fails that call alone, of all that are in flight', async () => {
  const failing = new Set<string>();
  let count = 0;
  const { hold, logged } = await staged((caught) => {
    const name = `call ${count++}`;
    const timer = setInterval(() => {
      if (!failing.delete(name)) return;
      clearInterval(timer);
      caught(new Error(name));
    }, 1);
  });
  const calls = [0, 1, 2].map(() => hold(text('')));
  const ended = calls.map((call) => call.catch((error: Error) => error.message));
  failing.add('call 1');
  expect(await Promise.race(ended)).toContain('call 1');
  expect(logged).toEqual(['call 1']);
  for (const each of ['call 0', 'call 2']) failing.add(each);
  expect((await Promise.all(ended)).map((message) => /call \d/.exec(String(message))?.[0])).toEqual([
    'call 0',
    'call 1',
    'call 2',
  ]);
});

test('One of no call, or of a call that was answered, is only logged', async () => {
  const { hold, logged, caught } = await staged((thrown) => setTimeout(() => thrown(late), 5));
  caught(new Error('of none'));
  const call = hold(text(''));
  await expect(call).rejects.toThrow('thrown later');
  expect(logged).toEqual(['of none', 'thrown later']);
});
