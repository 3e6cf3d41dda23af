/** The Task service of containerd 2: that of version 2 in another package, with the same messages. */
import { TaskDefinition } from './generated/task.js';

export const TaskV3Definition = { ...TaskDefinition, fullName: 'containerd.task.v3.Task' } as const;
