import { constants, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { descriptorSink, descriptorSource, openFifo } from '../../../../src/hcs/native/index.js';
import { collect, describeOnLinux, isPending, makeFifo, pulls, temporaryDirectory } from '../on-linux.js';

describeOnLinux('a named pipe', () => {
  const at = temporaryDirectory();
  const reader = (path: string) =>
    descriptorSource(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));

  it('to read ends when the last writer is gone, not before the first one came', async () => {
    const path = makeFifo(at('stdin'));
    const next = pulls(descriptorSource(openFifo(path, 'read')));
    const first = next();
    expect(await isPending(first)).toBe(true);
    const writers = [openSync(path, 'w'), openSync(path, 'w')].map(descriptorSink);
    await writers[0]!.write(Buffer.from('typed'));
    expect(Buffer.from((await first).value!).toString()).toBe('typed');
    writers[0]!.close();
    const last = next();
    expect(await isPending(last)).toBe(true);
    writers[1]!.close();
    expect((await last).done).toBe(true);
  });

  it('to read also ends when its only writer wrote nothing', async () => {
    const path = makeFifo(at('silent'));
    const end = pulls(descriptorSource(openFifo(path, 'read')))();
    writeFileSync(path, '');
    expect((await end).done).toBe(true);
  });

  it('to write takes what fits without a reader, and a reader that comes finds it', async () => {
    const path = makeFifo(at('stdout'));
    const sink = descriptorSink(openFifo(path, 'write'));
    await sink.write(Buffer.from('early '));
    const all = collect(reader(path));
    await sink.write(Buffer.from('late'));
    sink.close();
    expect((await all).toString()).toBe('early late');
  });

  it('to write outlives a reader that goes away, and serves the next one', async () => {
    const path = makeFifo(at('detached'));
    const sink = descriptorSink(openFifo(path, 'write'));
    const first = reader(path);
    const next = pulls(first);
    await sink.write(Buffer.from('to the first'));
    expect(Buffer.from((await next()).value!).toString()).toBe('to the first');
    first.close();
    const pending = sink.write(Buffer.alloc(100_000));
    expect(await isPending(pending)).toBe(true);
    const second = collect(reader(path));
    await pending;
    sink.close();
    expect(await second).toHaveLength(100_000);
  });

  it('that is not read does not keep its sink from being closed', async () => {
    const sink = descriptorSink(openFifo(makeFifo(at('unread')), 'write'));
    const pending = sink.write(Buffer.alloc(100_000));
    expect(await isPending(pending)).toBe(true);
    sink.close();
    await expect(pending).rejects.toMatchObject({ kind: 'failedPrecondition' });
  });

  it('may be a plain file: created, appended to, and read', async () => {
    const sink = descriptorSink(openFifo(at('plain'), 'write'));
    await sink.write(Buffer.from('text'));
    sink.close();
    expect(readFileSync(at('plain'), 'utf8')).toBe('text');
    expect(statSync(at('plain')).mode & 0o777).toBe(0o644 & ~process.umask());
    expect((await collect(descriptorSource(openFifo(at('plain'), 'read')))).toString()).toBe('text');
  });

  it('to read must exist', () => {
    expect(() => openFifo(at('nowhere'), 'read')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
