/** The outbox: in order, an end never lost, a beginning never told late. */
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, type Observable, of, throwError, timer } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { type TaskEvent, type TaskEventType, taskEvent } from '../../src/streams/events.js';
import { type Outbox, type OutboxOptions, outbox } from '../../src/streams/outbox.js';
import { inMarbles } from '../support/marbles.js';

const down = new Error('down');
const at = new Date(0);
const exit = (id: string) => taskEvent('TaskExit', 't', { id, pid: 1, exitStatus: 0, exitedAt: at });
const started = (execId: string) => taskEvent('TaskExecStarted', 't', { execId, pid: 1 });
const nameOf = (event: TaskEvent): string =>
  event.type === 'TaskExit'
    ? `exit ${event.id}`
    : event.type === 'TaskExecStarted'
      ? `started ${event.execId}`
      : event.type;

interface Post {
  readonly scheduler: TestScheduler;
  readonly story: string[];
  readonly box: Outbox;
  send(event: TaskEvent): { unsubscribe(): void };
  at(ms: number, act: () => void): void;
}

/** An outbox whose deliveries do as `deliver` says; every attempt and every answer is a line of the story. */
const posting = (
  deliver: (event: TaskEvent, now: number) => Observable<unknown>,
  act: (post: Post) => void,
  options: Partial<OutboxOptions> = {},
): readonly string[] =>
  inMarbles(({ scheduler, flush }) => {
    const story: string[] = [];
    const note = (what: string) => story.push(`${scheduler.now()} ${what}`);
    const attempt = (event: TaskEvent) => {
      note(`→ ${nameOf(event)}`);
      return deliver(event, scheduler.now());
    };
    const box = outbox(attempt, { scheduler, attemptTimeout: 50, ...options });
    box.published$.subscribe({ next: (event) => note(`out ${nameOf(event)}`), complete: () => note('|') });
    const send = (event: TaskEvent) =>
      box.publish(event).subscribe({
        error: (error) => note(`${nameOf(event)} failed: ${error.kind ?? error.message}`),
        complete: () => note(`${nameOf(event)} done`),
      });
    act({ scheduler, story, box, send, at: (ms, later) => scheduler.schedule(later, ms) });
    flush();
    return story;
  });

describe('events', () => {
  it('leave one at a time, in the order in which they were handed in', () => {
    const story = posting(
      () => timer(10),
      ({ send }) => [exit('a'), started('b'), exit('c')].forEach(send),
    );
    expect(story).toEqual([
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

  it('leave at once, synchronously, when nobody is before', () => {
    const out: string[] = [];
    posting(
      () => EMPTY,
      ({ send, story }) => {
        send(exit('a'));
        out.push(...story);
      },
    );
    expect(out).toEqual(['0 → exit a', '0 out exit a', '0 exit a done']);
  });

  it('are handed in by subscribing, each time anew', () => {
    const story = posting(
      () => EMPTY,
      ({ box }) => {
        const publish = box.publish(started('a'));
        publish.subscribe();
        publish.subscribe();
      },
    );
    expect(story.filter((line) => line.includes('→'))).toHaveLength(2);
  });

  it('keep their order when one is handed in while another goes out', () => {
    const story = posting(
      () => EMPTY,
      ({ box, send }) => {
        box.published$.subscribe((event) => {
          if (nameOf(event) === 'exit a') send(exit('c'));
        });
        send(exit('a'));
        send(exit('b'));
      },
    );
    expect(story.filter((line) => line.includes('out'))).toEqual([
      '0 out exit a',
      '0 out exit c',
      '0 out exit b',
    ]);
  });

  it('are many, behind one that took long, without running out of stack', () => {
    let out = 0;
    posting(
      () => (out++ === 0 ? timer(10) : EMPTY),
      ({ box }) => {
        for (let i = 0; i < 10_000; i += 1) box.publish(started(String(i))).subscribe();
      },
    );
    expect(out).toBe(10_000);
  });
});

describe('an event that tells an end', () => {
  it.each<TaskEventType>(['TaskExit', 'TaskDelete'])('is tried until it is out: %s', (type) => {
    const event = (
      type === 'TaskExit'
        ? exit('a')
        : taskEvent('TaskDelete', 't', { id: '', pid: 1, exitStatus: 0, exitedAt: at })
    ) as TaskEvent;
    const story = posting(
      (_, now) => (now < 20_000 ? throwError(() => down) : EMPTY),
      ({ send }) => send(event),
    );
    const attempts = story.filter((line) => line.includes('→')).map((line) => Number.parseInt(line, 10));
    // A second after the first attempt, two after the second, and so on up to five.
    expect(attempts).toEqual([0, 1_000, 3_000, 6_000, 10_000, 15_000, 20_000]);
    expect(story.at(-1)).toBe(`20000 out ${nameOf(event)}`);
  });

  it('is its sender’s affair no longer than the first attempt', () => {
    const story = posting(
      (_, now) => (now === 0 ? throwError(() => down) : EMPTY),
      ({ send }) => send(exit('a')),
    );
    expect(story).toEqual(['0 → exit a', '0 exit a done', '1000 → exit a', '1000 out exit a']);
  });

  it('is tried again also when an attempt never ends', () => {
    const story = posting(
      (_, now) => (now === 0 ? NEVER : EMPTY),
      ({ send }) => send(exit('a')),
    );
    expect(story).toEqual(['0 → exit a', '50 exit a done', '1050 → exit a', '1050 out exit a']);
  });

  it('is tried again also when an attempt throws', () => {
    const story = posting(
      (_, now) => {
        if (now === 0) throw down;
        return EMPTY;
      },
      ({ send }) => send(exit('a')),
    );
    expect(story.at(-1)).toBe('1000 out exit a');
  });

  it('is overtaken by nothing', () => {
    const story = posting(
      (event, now) => (now < 1_000 && event.type === 'TaskExit' ? throwError(() => down) : EMPTY),
      ({ send, at: later }) => {
        [exit('a'), exit('b')].forEach(send);
        later(980, () => send(started('c')));
      },
    );
    expect(story.filter((line) => line.includes('out'))).toEqual([
      '1000 out exit a',
      '1000 out exit b',
      '1000 out started c',
    ]);
  });

  it('behind one that is tried again keeps its sender no longer than an attempt would, and goes out', () => {
    const story = posting(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send }) => [exit('a'), exit('b')].forEach(send),
    );
    expect(story).toEqual([
      '0 → exit a',
      '0 exit a done',
      '50 exit b done',
      '1000 → exit a',
      '1000 out exit a',
      '1000 → exit b',
      '1000 out exit b',
    ]);
  });

  it('goes out although its sender has stopped waiting', () => {
    const story = posting(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send }) => {
        send(exit('a')).unsubscribe();
        send(exit('b')).unsubscribe();
      },
    );
    expect(story.slice(-4)).toEqual(['1000 → exit a', '1000 out exit a', '1000 → exit b', '1000 out exit b']);
  });
});

describe('an event that tells a beginning', () => {
  it('behind an end that is tried again fails in the time of an attempt, and is not told later', () => {
    const story = posting(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send }) => [exit('a'), started('b')].forEach(send),
    );
    expect(story).toEqual([
      '0 → exit a',
      '0 exit a done',
      '50 started b failed: unavailable',
      '1000 → exit a',
      '1000 out exit a',
    ]);
  });

  it('is tried once, and its sender learns of the failure', () => {
    expect(
      posting(
        () => throwError(() => down),
        ({ send }) => send(started('a')),
      ),
    ).toEqual(['0 → started a', '0 started a failed: down']);
  });

  it('fails with its time, unavailable', () => {
    expect(
      posting(
        () => NEVER,
        ({ send }) => send(started('a')),
      ),
    ).toEqual(['0 → started a', '50 started a failed: unavailable']);
  });

  it('is taken back by a sender who gives up before its turn, so that nobody is told of it later', () => {
    const story = posting(
      (event, now) => (event.type === 'TaskExit' && now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send, at: later }) => {
        send(exit('a'));
        const waiting = send(started('b'));
        later(500, () => waiting.unsubscribe());
      },
    );
    expect(story.at(-1)).toBe('1000 out exit a');
  });

  it('is given up with its sender also on its way, and what comes after it goes on at once', () => {
    const story = posting(
      () => timer(10),
      ({ send, at: later }) => {
        const sending = send(started('a'));
        send(exit('b'));
        later(5, () => sending.unsubscribe());
      },
    );
    expect(story).toEqual(['0 → started a', '5 → exit b', '15 out exit b', '15 exit b done']);
  });

  it('is not among what is out when its sender and then everybody else gave up while it was on its way', () => {
    const story = posting(
      () => timer(10),
      ({ send, box, at: later }) => {
        const sending = send(started('a'));
        later(5, () => sending.unsubscribe());
        later(6, () => box.end());
      },
    );
    expect(story).toEqual(['0 → started a', '6 |']);
  });

  it('does not hold up what comes after it when it fails', () => {
    const story = posting(
      (event) => (event.type === 'TaskExit' ? EMPTY : throwError(() => down)),
      ({ send }) => [started('a'), exit('b')].forEach(send),
    );
    expect(story.at(-2)).toBe('0 out exit b');
  });
});

describe('what is out', () => {
  it('is told again to late subscribers, however much that is', () => {
    posting(
      () => EMPTY,
      ({ box }) => {
        for (let i = 0; i < 300; i += 1) box.publish(exit(String(i))).subscribe();
        const late: string[] = [];
        box.published$.subscribe((event) => late.push(nameOf(event)));
        expect(late).toHaveLength(300);
        expect(late[0]).toBe('exit 0');
        expect(late.at(-1)).toBe('exit 299');
      },
    );
    expect.assertions(3);
  });

  it('is told in the order of going out, without what failed', () => {
    const story = posting(
      (event) => (event.type === 'TaskExit' ? EMPTY : throwError(() => down)),
      ({ send }) => [started('a'), exit('b'), exit('c')].forEach(send),
    );
    expect(story.filter((line) => line.includes('out'))).toEqual(['0 out exit b', '0 out exit c']);
  });
});

describe('an outbox that has ended', () => {
  it('sends what it has, however long that takes, and then completes', () => {
    const story = posting(
      (_, now) => (now < 1_000 ? throwError(() => down) : EMPTY),
      ({ send, box }) => {
        send(exit('a'));
        box.end();
      },
    );
    expect(story.slice(-3)).toEqual(['1000 → exit a', '1000 out exit a', '1000 |']);
  });

  it('takes no more, and says so', () => {
    const story = posting(
      () => of(1),
      ({ send, box }) => {
        box.end();
        box.end();
        send(exit('a'));
      },
    );
    expect(story).toEqual(['0 |', '0 exit a failed: unavailable']);
  });
});

describe('an outbox that is closed', () => {
  it('leaves no timer', () => {
    posting(
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

  it('gives up at once what is not out, and tells every sender', () => {
    const story = posting(
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
    expect(story).toEqual([
      '0 → exit a',
      '0 exit a done',
      '10 started b failed: unavailable',
      '10 exit c done',
      '10 |',
      '20 exit d failed: unavailable',
    ]);
  });

  it('says in the log what was lost', () => {
    const lost: unknown[] = [];
    const log = {
      warn: () => undefined,
      error: (fields: unknown, text: string) => lost.push([fields, text]),
    } as never;
    posting(
      () => throwError(() => down),
      ({ send, box }) => {
        send(exit('a'));
        box.close();
      },
      { log },
    );
    expect(lost).toEqual([[{ topic: '/tasks/exit' }, 'event not published: outbox is closed']]);
  });

  it('does not wait for a delivery that is under way', () => {
    const story = posting(
      () => NEVER,
      ({ send, box }) => {
        send(exit('a'));
        box.close();
      },
    );
    expect(story).toEqual(['0 → exit a', '0 exit a done', '0 |']);
  });
});
