/** Scripts: what they can say, and what is refused when their system is made. */
import { describe, expect, it } from '@jest/globals';
import { RxshimError } from '../../src/hcs/failures/errors.js';
import { momentsOf } from '../../src/hcs/simulated/script.js';
import { createTask, exited, signaled } from '../../src/index.js';
import { inVirtualTime, simulatedSystem } from '../../src/testing.js';
import { failing, failureOf, webTask } from './support.js';

describe('marbles', () => {
  it.each([
    ['r--o', [0, 3]],
    ['(cr)x', [0, 0, 4]],
    ['(cr)@2ms (x|)', [0, 0, 2, 2]],
    ['r@2ms x@2ms |', [0, 2, 2]],
    ['r @1.5s x @2m |', [0, 1_500, 120_000]],
    ['r 1.1ms x 1.1ms |', [0, 2.1, 4.2]],
    ['-----@2ms r', [2]],
  ])('say when: %s', (marbles, times) => {
    expect(momentsOf(marbles).map(({ at }) => at)).toEqual(times);
  });

  it.each(['r--x@2ms |', '(cr', 'cr)', '((c))', '@2 x', '@x', '(c@2ms r)', 'r@ms x'])(
    'cannot be %s',
    (marbles) => {
      expect(() => momentsOf(marbles)).toThrow(RxshimError);
    },
  );
});

const web = (script: unknown) => ({ processes: { web: script } });

describe('a mistake in a script', () => {
  it.each<[string, unknown, string]>([
    ['an unknown letter', web('r-y'), 'processes.web'],
    ['something before it runs', web('x-r'), 'processes.web'],
    ['an exit without a beginning', web('-x'), 'processes.web'],
    ['two beginnings', web('r-r'), 'processes.web'],
    ['something after its failure', web('#-x'), 'processes.web'],
    ['output after its end', web('r-|-o'), 'processes.web'],
    ['two exits', web('r-x-3'), 'processes.web'],
    ['one of many', web(['r', 'r-y']), 'processes.web[1]'],
    ['none', web([]), 'processes.web'],
    ['nothing', web(undefined), 'processes.web'],
    ['null', web(null), 'processes.web'],
    ['a number', web(5), 'processes.web'],
    ['an unknown option', web({ life: 'r', onn: {} }), 'processes.web.onn'],
    ['no life', web({ on: {} }), 'processes.web'],
    ['parentheses', web({ life: 'r(x|' }), 'processes.web'],
    ['a status for a value', web({ life: 'r-x', values: { x: 5 } }), 'processes.web.values.x'],
    ['nothing for a value', web({ life: 'r-x', values: { x: null } }), 'processes.web.values.x'],
    ['no error for a failure', web({ life: '#', values: { '#': 'no' } }), 'processes.web.values.#'],
    ['a value for r', web({ life: 'r', values: { r: 'x' } }), 'processes.web.values.r'],
    ['a value for more', web({ life: 'r', values: { out: 'x' } }), 'processes.web.values.out'],
    ['an unknown signal', web({ life: 'r', on: { TREM: '' } }), 'processes.web.on'],
    ['a signal said twice', web({ life: 'r', on: { SIGTERM: '', TERM: '' } }), 'processes.web.on.TERM'],
    ['a reaction that begins', web({ life: 'r', on: { TERM: 'r-x' } }), 'processes.web.on.TERM'],
    ['no reaction', web({ life: 'r', on: { TERM: undefined } }), 'processes.web.on.TERM'],
    ['an unknown call', web({ life: 'r', answers: { stop: '' } }), 'processes.web.answers.stop'],
    ['an unknown answer', web({ life: 'r', answers: { kill: 'x' } }), 'processes.web.answers.kill'],
    ['two answers', web({ life: 'r', answers: { kill: '|-|' } }), 'processes.web.answers.kill'],
    [
      'a close that is not delivered',
      web({ life: 'r', answers: { close: 'n' } }),
      'processes.web.answers.close',
    ],
    ['a container with a letter', { container: 'r-o' }, 'container'],
    ['a container that goes first', { container: 'x' }, 'container'],
    ['a container that goes twice', { container: 'r-x-x' }, 'container'],
    ['a container of nothing', { container: 5 }, 'container'],
    ['an answer to what is not asked', { answers: { create: '' } }, 'answers.create'],
    ['an unknown option of a system', { process: {} }, 'options.process'],
    ['an unknown system', { os: 'plan9' }, 'os'],
    ['signals that are none', { signals: {} }, 'signals'],
  ])('is reported at once: %s', async (_, options, field) => {
    const error = await failing(({ system }) => system(options as never));
    expect(error).toMatchObject({ name: 'RxshimError', kind: 'invalidArgument', field });
  });

  it.each([{}, undefined, 5, { scheduler: {} }])('is a system without a scheduler: %j', async (options) => {
    const error = await failureOf(Promise.resolve().then(() => simulatedSystem(options as never)));
    expect(error).toMatchObject({ kind: 'invalidArgument' });
  });

  it('says what would have been right', async () => {
    const { message } = await failing(({ system }) => system(web({ life: 'rx', values: { x: 5 } }) as never));
    expect(message).toContain('processes.web.values.x: expected exited(5), got 5');
  });
});

describe('a script', () => {
  it('says what it fails with', () =>
    inVirtualTime(async (harness) => {
      const error = new RxshimError('notFound', 'no such program', { exitStatus: 127 });
      const task = await webTask(harness, { processes: { web: { life: '--#', values: { '#': error } } } });
      harness.expectLife(task.init).toBe('c-(x|)', { x: 127 });
      expect(await failureOf(task.init.start())).toBe(error);
    }));

  it('says what a container cannot be started with', () =>
    inVirtualTime(async (harness) => {
      const error = new RxshimError('unavailable', 'no room');
      const task = await webTask(harness, { container: { life: '#', values: { '#': error } } });
      expect(await failureOf(task.init.start())).toBe(error);
    }));

  it('loses a container', () =>
    inVirtualTime(async (harness) => {
      const task = await webTask(harness, { container: 'r----l' });
      harness.expectLife(task.init).toBe('(cr)-(x|)', { x: 255 });
      await task.init.start();
      expect(await task.init.wait()).toMatchObject({ kind: 'lost' });
    }));

  it('has values for text, for stderr and for ends', () =>
    inVirtualTime(async (harness) => {
      const values = { l: 'listening\n', w: { stderr: 'warning\n' }, k: signaled(9), y: exited(5) };
      const task = await webTask(harness, { processes: { web: [{ life: 'rlw(y|)', values }] } });
      harness.expectLife(task.init).toBe('(cr)@3ms (5|)');
      await task.init.start();
    }));

  it('takes the signals of its system', () =>
    inVirtualTime(async (harness) => {
      const host = harness.system({
        os: 'windows',
        processes: { web: { life: 'r', on: { CtrlShutdown: '--(x|)' } } },
      });
      const task = await createTask({
        id: 't',
        system: host,
        scheduler: harness.scheduler,
        spec: { args: ['web'] },
      });
      harness
        .expectAsked(host)
        .toBe([
          '0 ms start',
          '0 ms run web',
          '0 ms signal CtrlShutdown web',
          '2 ms close web',
          '2 ms shutdown',
          '2 ms close',
        ]);
      await task.init.start();
      expect((await task.stop()).by).toBe('signal');
    }));
});
