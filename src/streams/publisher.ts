/**
 * The port through which events leave. An act per event: completes when the event is out of the caller's hands, errors
 * when it cannot be published. What "out of hands" means is the publisher's affair: see the outbox.
 */
import type { Act } from '../hcs/contract/compute-process.js';
import type { TaskEvent } from './events.js';

export type Publish = (event: TaskEvent) => Act;
