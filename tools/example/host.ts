/** A task on this host whose init does nothing but wait, for what runs beside it. */
import { createTask, type Task } from 'rxshim';
import { local } from 'rxshim/local';

export const onThisHost = async (life: (task: Task) => Promise<void>): Promise<void> => {
  const task = await createTask({ id: 'example', system: local() });
  await task.init.start();
  try {
    await life(task);
  } finally {
    await task[Symbol.asyncDispose]();
  }
};

export const sh = (script: string): readonly string[] => ['sh', '-c', script];
