/** The outbox: order is kept, a durable message is never lost, and one that is tried once is never sent late. */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, type Observable, of, throwError, timer } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { directEvents, eventOutbox } from '../../src/streams/event-outbox.js';
import { type TaskEvent, type TaskEventType, taskEvent } from '../../src/streams/events.js';
import { type Outbox, type OutboxOptions, outbox } from '../../src/streams/outbox.js';
import { inMarbles } from '../support/marbles.js';

const down = new Error('down');
const at = new Date(0);
const exit = (id: string) => taskEvent('TaskExit', 't', { id, pid: 1, exitStatus: 0, exitedAt: at });
const started = (execId: string) => taskEvent('TaskExecStarted', 't', { execId, pid: 1 });
const isDurable = ({ type }: TaskEvent) => type === 'TaskExit' || type === 'TaskDelete';
const nameOf = (event: TaskEvent): string =>
  event.type === 'TaskExit'
    ? `exit ${event.id}`
    : event.type === 'TaskExecStarted'
      ? `started ${event.execId}`
      : event.type;

interface Harness {
  readonly scheduler: TestScheduler;
  readonly log: string[];
  readonly box: Outbox<TaskEvent>;
  send(event: TaskEvent): { unsubscribe(): void };
  at(ms: number, act: () => void): void;
}

/** The lines of an outbox of a task's events: each attempt, each event that is out, and what its sender gets. */
const run = (
  deliver: (event: TaskEvent, now: number) => Observable<unknown>,
  act: (harness: Harness) => void,
  options: Partial<OutboxOptions<TaskEvent>> = {},
): readonly string[] =>
  inMarbles(({ scheduler, flush }) => {
    const log: string[] = [];
    const note = (what: string) => log.push(`${scheduler.now()} ${what}`);
    const attempt = (event: TaskEvent) => {
      note(`→ ${nameOf(event)}`);
      return deliver(event, scheduler.now());
    };
    const box = outbox(attempt, { scheduler, attemptTimeout: 50, isDurable, ...options });
    box.sent$.subscribe({ next: (event) => note(`out ${nameOf(event)}`), complete: () => note('|') });
    const send = (event: TaskEvent) =>
      box.publish(event).subscribe({
        error: (error) => note(`${nameOf(event)} failed: ${error.kind ?? error.message}`),
        complete: () => note(`${nameOf(event)} done`),
      });
    act({ scheduler, log, box, send, at: (ms, later) => scheduler.schedule(later, ms) });
    flush();
    return log;
  });

describe('messages', () => {
  it('are sent one at a time, in the order in which they were published', () => {
    const log = run(
      () => timer(10),
      ({ send }) => [exit('a'), started('b'), exit('c')].forEach(send),
    );
    expect(log).toEqual([
      '0 → exit a',
      '10 out exit a',
      '10 exit a done',
      '10 → started b',
      '20 out started b',
      '20 started b done',
      '20 → exit c',
      '30 out exit c',
      '30 exit c done',
    ]);
  });

  it('are sent synchronously when nothing is before them', () => {
    const out: string[] = [];
    run(
      () => EMPTY,
      ({ send, log }) => {
        send(exit('a'));
        out.push(...log);
      },
    );
    expect(out).toEqual(['0 → exit a', '0 out exit a', '0 exit a done']);
  });

  it('are published once for each subscription', () => {
    const log = run(
      () => EMPTY,
      ({ box }) => {
        const publish = box.publish(started('a'));
        publish.subscribe();
        publish.subscribe();
      },
    );
    expect(log.filter((line) => line.includes('→'))).toHaveLength(2);
  });

  it('keep their order when one is published while another is being sent', () => {
    const log = run(
      () => EMPTY,
      ({ box, send }) => {
        box.sent$.subscribe((event) => {
          if (nameOf(event) === 'exit a') send(exit('c'));
        });
        send(exit('a'));
        send(exit('b'));
      },
    );
    expect(log.filter((line) => line.includes('out'))).toEqual([
      '0 out exit a',
      '0 out exit c',
      '0 out exit b',
    ]);
  });

  it('may be ten thousand behind a slow one without a stack overflow', () => {
    let out = 0;
    run(
      () => (out++ === 0 ? timer(10) : EMPTY),
      ({ box }) => {
        for (let i = 0; i < 10_000; i += 1) box.publish(started(String(i))).subscribe();
      },
    );
    expect(out).toBe(10_000);
  });
});

describe('a durable message', () => {
  it.each<TaskEventType>(['TaskExit', 'TaskDelete'])('is retried until it is out: %s', (type) => {
    const event = (
      type === 'TaskExit'
        ? exit('a')
        : taskEvent('TaskDelete', 't', { id: '', pid: 1, exitStatus: 0, exitedAt: at })
    ) as TaskEvent;
    const log = run(
      (_, now) => (now < 20_000 ? throwError(() => down) : EMPTY),
      ({ send }) => send(event),
    );
    const attempts = log.filter((line) => line.includes('→')).map((line) => Number.parseInt(line, 10));
    // A second after the first attempt, two after the second, and so on up to five.
    expect(attempts).toEqual([0, 1_000, 3_000, 6_000, 10_000, 15_000, 20_000]);
    expect(log.at(-1)).toBe(`20000 out ${nameOf(event)}`);
  });

  it('is no longer waited for by its sender after the first attempt', () => {
    const log = run(
      (_, now) => (now === 0 ? throwError(() => down) : EMPTY),
      ({ send }) => send(exit('a')),
    );
    expect(log).toEqual(['0 → exit a', '0 exit a done', '1000 → exit a', '1000 out exit a']);
  });

  it('is retried when an attempt never ends', () => {
    const log = run(
      (_, now) => (now === 0 ? NEVER : EMPTY),
      ({ send }) => send(exit('a')),
    );
    expect(log).toEqual(['0 → exit a', '50 exit a done', '1050 → exit a', '1050 out exit a']);
  });

  it('is retried when an attempt throws', () => {
    const log = run(
      (_, now) => {
        if (now === 0) throw down;
        return EMPTY;
      },
      ({ send }) => send(exit('a')),
    );
    expect(log.at(-1)).toBe('1000 out exit a');
  });

  it('is overtaken by nothing', () => {
    const log = run(
      (event, now) => (now < 1_000 && event.type === 'TaskExit' ? throwError(() => down) : EMPTY),
      ({ send, at: later }) => {
        [exit('a'), exit('b')].forEach(send);
        later(980, () => send(started('c')));
      },
    );
    expect(log.filter((line) => line.includes('out'))).toEqual([
      '1000 out exit a',
      '1000 out exit b',
      '1000 out started c',
    ]);
  });

  it('behind one that is retried keeps its sender no longer than one attempt would, and is sent', () => {
    const log = run(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send }) => [exit('a'), exit('b')].forEach(send),
    );
    expect(log).toEqual([
      '0 → exit a',
      '0 exit a done',
      '50 exit b done',
      '1000 → exit a',
      '1000 out exit a',
      '1000 → exit b',
      '1000 out exit b',
    ]);
  });

  it('is sent although its sender has unsubscribed', () => {
    const log = run(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send }) => {
        send(exit('a')).unsubscribe();
        send(exit('b')).unsubscribe();
      },
    );
    expect(log.slice(-4)).toEqual(['1000 → exit a', '1000 out exit a', '1000 → exit b', '1000 out exit b']);
  });
});

describe('a message that is tried once', () => {
  it('behind one that is retried fails within the timeout of an attempt, and is not sent later', () => {
    const log = run(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send }) => [exit('a'), started('b')].forEach(send),
    );
    expect(log).toEqual([
      '0 → exit a',
      '0 exit a done',
      '50 started b failed: unavailable',
      '1000 → exit a',
      '1000 out exit a',
    ]);
  });

  it('returns its failure to its sender', () => {
    expect(
      run(
        () => throwError(() => down),
        ({ send }) => send(started('a')),
      ),
    ).toEqual(['0 → started a', '0 started a failed: down']);
  });

  it('fails as unavailable when its attempt times out', () => {
    expect(
      run(
        () => NEVER,
        ({ send }) => send(started('a')),
      ),
    ).toEqual(['0 → started a', '50 started a failed: unavailable']);
  });

  it('is not sent later when its sender unsubscribes before the first attempt', () => {
    const log = run(
      (event, now) => (event.type === 'TaskExit' && now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send, at: later }) => {
        send(exit('a'));
        const waiting = send(started('b'));
        later(500, () => waiting.unsubscribe());
      },
    );
    expect(log.at(-1)).toBe('1000 out exit a');
  });

  it('is cancelled when its sender unsubscribes during the attempt, and the next one is sent at once', () => {
    const log = run(
      () => timer(10),
      ({ send, at: later }) => {
        const sending = send(started('a'));
        send(exit('b'));
        later(5, () => sending.unsubscribe());
      },
    );
    expect(log).toEqual(['0 → started a', '5 → exit b', '15 out exit b', '15 exit b done']);
  });

  it('does not count as sent when it was cancelled during its attempt and the outbox ended', () => {
    const log = run(
      () => timer(10),
      ({ send, box, at: later }) => {
        const sending = send(started('a'));
        later(5, () => sending.unsubscribe());
        later(6, () => box.end());
      },
    );
    expect(log).toEqual(['0 → started a', '6 |']);
  });

  it('does not delay the next one when it fails', () => {
    const log = run(
      (event) => (event.type === 'TaskExit' ? EMPTY : throwError(() => down)),
      ({ send }) => [started('a'), exit('b')].forEach(send),
    );
    expect(log.at(-2)).toBe('0 out exit b');
  });
});

describe('the messages that are out', () => {
  it('are replayed to late subscribers by the event outbox, however many they are', () => {
    inMarbles(({ scheduler }) => {
      const { publish, events$ } = eventOutbox(() => EMPTY, { scheduler, attemptTimeout: 50 });
      for (let i = 0; i < 300; i += 1) publish(exit(String(i))).subscribe();
      const late: string[] = [];
      events$.subscribe((event) => late.push(nameOf(event)));
      expect(late).toHaveLength(300);
      expect(late[0]).toBe('exit 0');
      expect(late.at(-1)).toBe('exit 299');
    });
    expect.assertions(3);
  });

  it('are emitted in the order in which they were sent, without those that failed', () => {
    const log = run(
      (event) => (event.type === 'TaskExit' ? EMPTY : throwError(() => down)),
      ({ send }) => [started('a'), exit('b'), exit('c')].forEach(send),
    );
    expect(log.filter((line) => line.includes('out'))).toEqual(['0 out exit b', '0 out exit c']);
  });
});

describe('an outbox that has ended', () => {
  it('sends what it has, however long that takes, and then completes', () => {
    const log = run(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send, box }) => {
        send(exit('a'));
        box.end();
      },
    );
    expect(log.slice(-3)).toEqual(['1000 → exit a', '1000 out exit a', '1000 |']);
  });

  it('refuses further messages with an error', () => {
    const log = run(
      () => of(1),
      ({ send, box }) => {
        box.end();
        box.end();
        send(exit('a'));
      },
    );
    expect(log).toEqual(['0 |', '0 exit a failed: unavailable']);
  });
});

describe('an outbox that is closed', () => {
  it('leaves no timer', () => {
    run(
      () => throwError(() => down),
      ({ send, box, scheduler }) => {
        send(exit('a'));
        expect(scheduler.actions).toHaveLength(1);
        box.close();
        expect(scheduler.actions).toEqual([]);
      },
    );
    expect.assertions(2);
  });

  it('discards what is not out and answers every sender', () => {
    const log = run(
      (event) => (event.type === 'TaskExit' ? throwError(() => down) : EMPTY),
      ({ send, box, at: later }) => {
        send(exit('a'));
        send(started('b'));
        send(exit('c'));
        later(10, () => {
          box.close();
          box.close();
        });
        later(20, () => send(exit('d')));
      },
    );
    expect(log).toEqual([
      '0 → exit a',
      '0 exit a done',
      '10 started b failed: unavailable',
      '10 exit c done',
      '10 |',
      '20 exit d failed: unavailable',
    ]);
  });

  it('logs each message that was lost', () => {
    const lost: unknown[] = [];
    const logger = {
      warn: () => undefined,
      error: (fields: unknown, text: string) => lost.push([fields, text]),
    } as never;
    run(
      () => throwError(() => down),
      ({ send, box }) => {
        send(exit('a'));
        box.close();
      },
      { log: logger },
    );
    expect(lost).toEqual([[{ topic: '/tasks/exit' }, 'event not published: outbox is closed']]);
  });

  it('does not wait for the attempt in flight', () => {
    const log = run(
      () => NEVER,
      ({ send, box }) => {
        send(exit('a'));
        box.close();
      },
    );
    expect(log).toEqual(['0 → exit a', '0 exit a done', '0 |']);
  });
});

describe('a message that is withdrawn', () => {
  const isExit = ({ type }: TaskEvent) => type === 'TaskExit';

  it.each([
    ['the first that is preferred', ['started b', 'exit c', 'exit d'], 'exit c'],
    ['else the first', ['started b', 'started c'], 'started b'],
  ])('was not tried yet, and is %s', (_which, waiting, due) => {
    run(
      () => NEVER,
      ({ box, send }) => {
        for (const name of ['exit a', ...waiting]) {
          const [what = '', id = ''] = name.split(' ');
          send(what === 'exit' ? exit(id) : started(id));
        }
        const withdrawn = box.withdraw(isExit);
        expect(withdrawn && nameOf(withdrawn)).toBe(due);
        expect(box.size).toBe(waiting.length);
        box.close();
      },
    );
    expect.assertions(2);
  });

  it('does not exist when all were tried', () => {
    run(
      () => NEVER,
      ({ box, send }) => {
        send(exit('a'));
        expect(box.withdraw(isExit)).toBeUndefined();
        box.close();
      },
    );
    expect.assertions(1);
  });
});

it('An outbox sends any kind of message that has a topic, and retries each unless it is asked not to', () => {
  inMarbles(({ scheduler, flush }) => {
    const attempts: string[] = [];
    const deliver = ({ topic, bytes }: { readonly topic: string; readonly bytes: number }) => {
      attempts.push(`${scheduler.now()} ${topic} ${bytes}`);
      return attempts.length === 1 ? throwError(() => down) : EMPTY;
    };
    const box = outbox(deliver, { scheduler, attemptTimeout: 50 });
    box.publish({ topic: 'a', bytes: 1 }).subscribe();
    flush();
    expect(attempts).toEqual(['0 a 1', '1000 a 1']);
  });
});

it('Events that are handed to an outbox of the caller do not pass a second one', () => {
  const delivered: string[] = [];
  const sink = directEvents((event) => {
    delivered.push(nameOf(event));
    return event.type === 'TaskExit' ? throwError(() => down) : EMPTY;
  });
  const seen: string[] = [];
  sink.events$.subscribe({ next: (event) => seen.push(nameOf(event)), complete: () => seen.push('|') });
  const failures: unknown[] = [];
  for (const event of [started('a'), exit('a'), started('b')])
    sink.publish(event).subscribe({ error: (error) => failures.push(error) });
  sink.end();
  expect({ delivered, seen, failures }).toEqual({
    delivered: ['started a', 'exit a', 'started b'],
    seen: ['started a', 'started b', '|'],
    failures: [down],
  });
});
