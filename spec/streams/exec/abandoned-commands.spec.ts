/** Commands of several steps whose callers unsubscribe half-way. */
import { describe, expect, it } from '@jest/globals';
import { NEVER, of } from 'rxjs';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import type { Task } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import { hang, play } from './harness.js';

describe('a command whose caller has unsubscribed', () => {
  it('still kills what was to be stopped, when its grace is over', () => {
    const { log } = play({ replies: { 'process.signal': hang } }, (harness) => {
      harness.exec.start().subscribe();
      const stopping = harness.exec.stop({ grace: 100 }).subscribe();
      harness.at(1, () => stopping.unsubscribe());
    });
    expect(log).toContain('100 process.kill');
  });

  it('kills a process behind a call that hangs, and gives it its time after that', () => {
    const { log } = play({ replies: { 'process.signal': hang } }, (harness) => {
      harness.exec.start().subscribe();
      harness.exec.kill(15).subscribe();
      harness.exec.forceExit(9).subscribe();
      harness.at(5_001, () => harness.process.exit(7));
    });
    expect(log).toContain('5000 process.kill');
    expect(log).toContain('5001 exit$ exited 7 → 7');
  });

  it('leaves no task behind that its caller never got', () => {
    inMarbles(({ scheduler, flush }) => {
      const asked: string[] = [];
      const system = scriptedSystem({
        answer: (call, _args, normal) => {
          asked.push(call);
          return normal;
        },
      });
      let got: Task | undefined;
      const making = createTask({ id: 't', system, scheduler, publish: () => NEVER }).subscribe((task) => {
        got = task;
      });
      making.unsubscribe();
      flush();
      expect(got).toBeUndefined();
      expect(asked).toEqual(['container.shutdown', 'container.terminate', 'container.close']);
    });
  });

  it('has an exec added all the same, once its stdio is open', () => {
    inMarbles(({ scheduler }) => {
      const system = scriptedSystem();
      let task: Task | undefined;
      createTask({
        id: 't',
        system,
        scheduler,
        publish: ({ type }) => (type === 'TaskExecAdded' ? NEVER : of(1)),
      }).subscribe((made) => (task = made));
      task?.init.start().subscribe();
      task
        ?.createExec({ id: 'e', spec: { args: ['true'] } })
        .subscribe()
        .unsubscribe();
      expect(task?.execs.map(({ id }) => id)).toEqual(['e']);
    });
  });
});
