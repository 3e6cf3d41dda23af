/** Commands of several steps whose callers lose interest half-way. */
import { describe, expect, it } from '@jest/globals';
import { NEVER, of } from 'rxjs';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import type { Task } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { inMarbles } from '../../support/marbles.js';
import { hang, play } from './stage.js';

describe('a command whose caller has unsubscribed', () => {
  it('still kills what was to be stopped, when its grace is over', () => {
    const { story } = play({ replies: { 'process.signal': hang } }, (stage) => {
      stage.exec.start().subscribe();
      const stopping = stage.exec.stop({ grace: 100 }).subscribe();
      stage.at(1, () => stopping.unsubscribe());
    });
    expect(story).toContain('100 process.kill');
  });

  it('kills a process behind a call that hangs, and gives it its time after that', () => {
    const { story } = play({ replies: { 'process.signal': hang } }, (stage) => {
      stage.exec.start().subscribe();
      stage.exec.kill(15).subscribe();
      stage.exec.forceExit(9).subscribe();
      stage.at(5_001, () => stage.process.exit(7));
    });
    expect(story).toContain('5000 process.kill');
    expect(story).toContain('5001 exit$ exited 7 → 7');
  });

  it('leaves no task behind that its caller never got', () => {
    inMarbles(({ scheduler, flush }) => {
      const asked: string[] = [];
      const system = scriptedSystem({
        answer: (call, _args, usual) => {
          asked.push(call);
          return usual;
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
