import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { ReadableStream, WritableStream } from 'node:stream/web';
import { describe, expect, it } from '@jest/globals';
import { census, describeOnLinux, makeFifo, openedSince } from '../../../hcs/native/on-linux.js';
import { directory, failureOf } from './on-upstream.js';

const locked = <T extends ReadableStream | WritableStream>(stream: T): T => {
  if (stream instanceof ReadableStream) stream.getReader();
  else stream.getWriter();
  return stream;
};

describe('a request that cannot be met is refused by the name of its stream', () => {
  const refusals: [what: string, request: Record<string, unknown>, field: string][] = [
    ['a relative path', { stdin: 'fifo' }, 'stdin'],
    ['a relative path for output', { stdout: './log' }, 'stdout'],
    ['a misspelt word', { stderr: 'pipes' }, 'stderr'],
    ['a path with a NUL in it', { stdout: '/tmp/a\0b' }, 'stdout'],
    ['a file URI without a path', { stdout: 'file://host' }, 'stdout'],
    ['a file URI with a relative path', { stderr: 'file:log' }, 'stderr'],
    ['a file URI that cannot be decoded', { stdout: 'file:///a%zz' }, 'stdout'],
    ['a file URI with an encoded NUL', { stdout: 'file:///a%00b' }, 'stdout'],
    ['a logging program for stdin', { stdin: 'binary:///bin/true' }, 'stdin'],
    ['a logging program for stderr alone', { stdout: 'pipe', stderr: 'binary:///bin/true' }, 'stderr'],
    ['a number', { stdin: 0 }, 'stdin'],
    ['null', { stdout: null }, 'stdout'],
    ['an object that is nothing of the kind', { stdin: {} }, 'stdin'],
    ['a sink for input', { stdin: { write: () => undefined } }, 'stdin'],
    ['a source for output', { stdout: { async *[Symbol.asyncIterator]() {} } }, 'stdout'],
    ['a stream of Node that cannot be written to', { stdout: Readable.from([]) }, 'stdout'],
    ['a list of which a chunk is a number', { stdin: ['text', 7] }, 'stdin'],
    ['a stream of the web that is locked', { stdin: locked(new ReadableStream()) }, 'stdin'],
    ['one of them for output', { stderr: locked(new WritableStream()) }, 'stderr'],
    ['text for input', { stdin: 'some text\n' }, 'stdin'],
    ['input besides stdin', { stdin: 'pipe', input: 'text' }, 'input'],
    ['input that is neither bytes nor text', { input: 7 }, 'input'],
    ['something else to do with output that is not read', { whenReaderLeaves: 'kill' }, 'whenReaderLeaves'],
    ['a descriptor that is not open', { stdout: { fd: 987_654 } }, 'stdout'],
    ['a descriptor that cannot be', { stderr: { fd: -1 } }, 'stderr'],
    ['a descriptor that is no whole number', { stdin: { fd: 0.5 } }, 'stdin'],
    ['a terminal that is neither there nor not', { terminal: 'yes' }, 'terminal'],
  ];

  it.each(refusals)('%s', async (_what, request, field) => {
    expect(await failureOf(request)).toMatchObject({
      kind: 'invalidArgument',
      field,
      message: expect.stringContaining(`${field}: expected `),
    });
  });

  it.each([undefined, null, 'pipe'])('even where the whole of it is %p', async (request) => {
    expect(await failureOf(request)).toMatchObject({ kind: 'invalidArgument', field: 'stdio' });
  });

  it.each([
    ['stdout', 'npipe:////./pipe/x', 'npipe'],
    ['stdout', 'FIFO:///x', 'fifo'],
    ['stdin', 'https://example.com/', 'https'],
    ['stderr', 'C:\\log', 'c'],
  ])('%s with the scheme of %s, in the words of containerd', async (field, value, scheme) => {
    expect(await failureOf({ [field]: value })).toMatchObject({
      kind: 'invalidArgument',
      field,
      value,
      message: `scheme must be 'binary' or 'file', got: '${scheme}': invalid argument`,
    });
  });
});

describeOnLinux('what cannot be opened', () => {
  const at = directory();

  it('is refused by name, and leaves nothing open', async () => {
    const stdin = makeFifo(at('stdin'));
    mkdirSync(at('directory'));
    writeFileSync(at('file'), '');
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    const before = census();
    for (const [field, path] of [
      ['stdout', at('missing/log')],
      ['stderr', at('file/log')],
      ['stderr', at('directory')],
      ['stderr', at('socket')],
      ['stderr', `file://${at('file/log')}`],
    ] as const) {
      expect(await failureOf({ stdin, stdout: at('out'), [field]: path })).toMatchObject({
        kind: 'invalidArgument',
        field,
        value: path,
      });
    }
    for (const path of [at('missing'), at('directory'), at('socket')])
      expect(await failureOf({ stdin: path })).toMatchObject({ kind: 'invalidArgument', field: 'stdin' });
    expect(openedSince(before)).toEqual([]);
    server.close();
  });

  it('with a terminal is stderr, which is said before anything is made', async () => {
    expect(
      await failureOf({ stdin: 'nonsense', stdout: at('untouched'), stderr: at('too'), terminal: true }),
    ).toMatchObject({
      kind: 'failedPrecondition',
      message: 'if using terminal, stderr must be empty: failed precondition',
    });
    expect(existsSync(at('untouched'))).toBe(false);
  });

  it('is not looked for when something else in the request is wrong', async () => {
    expect(await failureOf({ stdout: at('not made'), stderr: 'nonsense' })).toMatchObject({
      field: 'stderr',
    });
    expect(existsSync(at('not made'))).toBe(false);
  });
});
