/**
 * For programs that keep others running: restarts, concurrency limits, readiness and replacement.
 *
 *     supervise    keeps something running: restarts with growing pauses, health checks
 *     pool         jobs, so many at a time, with timeouts and retries
 *     readyWhen    work that says when it can be used: a port, a line, a page, a check
 *     rollout      a new version runs next to the old one until it is ready
 *     expect       a dialogue over a terminal
 */
export type { Backoff } from './backoff.js';
export type { Condition } from './condition.js';
export { type ExpectEvent, type ExpectOptions, expect, type Step } from './expect.js';
export type { Check, HealthOptions } from './health.js';
export { type JobResult, type PoolOptions, pool } from './pool.js';
export { type ReadyOptions, readyWhen } from './ready-when.js';
export { type RolloutEvent, rollout } from './rollout.js';
export type { ReadyEvent, Work, WorkEvent } from './settled.js';
export { type SuperviseOptions, type SupervisorEvent, supervise } from './supervise.js';
