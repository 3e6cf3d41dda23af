import { describe, expect, it } from '@jest/globals';
import { copy } from '../../../../src/streams/stdio/relay/copy.js';
import { isPending } from '../../../hcs/native/on-linux.js';
import { handSink, handSource } from './hand-driven.js';

const options = { name: 'spec/stdout' };

describe('a copy', () => {
  it('has one chunk in flight: the source is read again when the sink has taken what it got', async () => {
    const source = handSource();
    const sink = handSink({ waits: true });
    const running = copy(source, sink, options);
    await source.give('one');
    expect([source.reads(), sink.written]).toEqual([1, ['one']]);
    expect(running.moved()).toBe(0);
    await sink.accept();
    expect([source.reads(), running.moved()]).toEqual([2, 3]);
    await source.give('four');
    await sink.accept();
    expect([sink.written, running.moved(), running.dropped()]).toEqual([['one', 'four'], 7, 0]);
  });

  it('is done when its sink has ended after the end of its source', async () => {
    const source = handSource();
    const sink = handSink();
    const running = copy(source, sink, options);
    await source.give('all');
    expect(await isPending(running.done)).toBe(true);
    expect(sink.calls).toEqual([]);
    await source.finish();
    await running.done;
    expect([sink.written, sink.calls]).toEqual([['all'], ['end']]);
  });

  it('rejects with the failure of its source, and does not end its sink', async () => {
    const source = handSource();
    const sink = handSink();
    const running = copy(source, sink, options);
    const failure = new Error('EIO');
    const done = expect(running.done).rejects.toBe(failure);
    await source.break(failure);
    await done;
    expect([running.side(), sink.calls]).toEqual(['source', []]);
  });

  it('rejects with the failure of its sink, and reads no more', async () => {
    const source = handSource();
    const sink = handSink({ waits: true });
    const running = copy(source, sink, options);
    const failure = new Error('ENOSPC');
    const done = expect(running.done).rejects.toBe(failure);
    await source.give('one');
    await sink.refuse(failure);
    await done;
    expect([running.side(), source.reads(), running.moved(), sink.calls]).toEqual(['sink', 1, 0, []]);
  });

  it('that is stopped drops the chunk that it was waiting for, and does not end its sink', async () => {
    const source = handSource();
    const sink = handSink();
    const running = copy(source, sink, options);
    await source.give('before');
    expect(running.stop()).toBe(false);
    await source.give('after');
    await running.done;
    expect([sink.written, sink.calls, running.moved()]).toEqual([['before'], [], 6]);
  });
});

describe('what a copy owes', () => {
  it('is what has arrived at the source: settled, once, when the sink has taken that much', async () => {
    const source = handSource(() => 6);
    const sink = handSink({ waits: true });
    const running = copy(source, sink, options);
    let settled = 0;
    running.owe(() => (settled += 1));
    await source.give('abc');
    await sink.accept();
    expect(settled).toBe(0);
    await source.give('def');
    expect(settled).toBe(0);
    await sink.accept();
    expect(settled).toBe(1);
    await source.give('later');
    await sink.accept();
    expect(settled).toBe(1);
  });

  it('is the chunk in flight if the source does not say what has arrived', async () => {
    const source = handSource();
    const sink = handSink({ waits: true });
    const running = copy(source, sink, options);
    await source.give('abc');
    let settled = false;
    running.owe(() => (settled = true));
    expect(settled).toBe(false);
    await sink.accept();
    expect(settled).toBe(true);
  });

  it('is nothing if the sink has taken all of it: settled at once', async () => {
    const source = handSource(() => 3);
    const running = copy(source, handSink(), options);
    await source.give('abc');
    let settled = false;
    running.owe(() => (settled = true));
    expect(settled).toBe(true);
  });
});
