/**
 * The port through which events are published. One act for each event: it completes when the publisher is responsible for
 * the event (an outbox: after the first attempt of a durable event) and errors when the event cannot be published.
 */
import type { Act } from '../hcs/contract/compute-process.js';
import type { TaskEvent } from './events.js';

/** Publishes an event. It completes when the event has been delivered. */
export type Publish = (event: TaskEvent) => Act;
