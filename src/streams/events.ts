/**
 * The events of containerd's task service that rxshim publishes, with containerd's topics and field names (in camel
 * case), so that an entry point only has to encode them.
 */

/** Where the stdio of an init leads, in its create event. */
export interface TaskIo {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

/** The fields of each event, by its type. */
export interface EventFields {
  TaskCreate: { bundle: string; io: TaskIo; pid: number };
  TaskStart: { pid: number };
  TaskExecAdded: { execId: string };
  TaskExecStarted: { execId: string; pid: number };
  /** `id` is the exec's id, or the container's for its init. */
  TaskExit: { id: string; pid: number; exitStatus: number; exitedAt: Date };
  /** `id` is the exec's id, or empty for the init. */
  TaskDelete: { id: string; pid: number; exitStatus: number; exitedAt: Date | undefined };
  TaskPaused: object;
  TaskResumed: object;
  TaskOOM: object;
}

/** The topic of each event. */
export const topics = {
  TaskCreate: '/tasks/create',
  TaskStart: '/tasks/start',
  TaskExecAdded: '/tasks/exec-added',
  TaskExecStarted: '/tasks/exec-started',
  TaskExit: '/tasks/exit',
  TaskDelete: '/tasks/delete',
  TaskPaused: '/tasks/paused',
  TaskResumed: '/tasks/resumed',
  TaskOOM: '/tasks/oom',
} as const satisfies Record<keyof EventFields, string>;

/** The names of the events that containerd gets of a task. */
export type TaskEventType = keyof EventFields;

/** An event of one type, or of any. */
export type TaskEvent<T extends TaskEventType = TaskEventType> = {
  [K in T]: {
    readonly type: K;
    readonly topic: (typeof topics)[K];
    readonly containerId: string;
  } & Readonly<EventFields[K]>;
}[T];

/** Makes an event; its topic follows from its type. */
export const taskEvent = <T extends TaskEventType>(
  type: T,
  containerId: string,
  fields: EventFields[T],
): TaskEvent<T> => ({ type, topic: topics[type], containerId, ...fields }) as TaskEvent<T>;
