/**
 * The lives of containers and execs in a session: each with what was asked for it, what the daemon answered and sent, and
 * how it ended, as far as the session shows that.
 */
import { pathOf, queryOf, type Session, type Step } from './session.js';

/** A piece that the daemon sent, or what its client sent before the next. */
export interface Traffic {
  readonly dir: 'in' | 'out' | 'half-close';
  readonly type: number | 'raw';
  readonly bytes: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Life {
  /** What the client asked to create. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly created: Answer;
  /** The answer to the start; 101 where it was a connection. */
  readonly started: Answer | undefined;
  readonly traffic: readonly Traffic[];
  readonly tty: boolean;
}

export interface ContainerLife extends Life {
  readonly kind: 'container';
  /** How it was attached before the start, if it was. */
  readonly attached: { readonly answer: Answer; readonly query: URLSearchParams } | undefined;
  /** Signals that were sent to it until it ended. */
  readonly signals: readonly number[];
  readonly code: number | undefined;
  readonly oomKilled: boolean;
}

export interface ExecLife extends Life {
  readonly kind: 'exec';
  /** What the daemon said of it in the end. */
  readonly details: ExecDetails | undefined;
}

interface ExecDetails {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly Pid: number;
}

export const livesOf = (session: Session): readonly (ContainerLife | ExecLife)[] => {
  const { steps } = session;
  return steps.flatMap((step, at): readonly (ContainerLife | ExecLife)[] => {
    if (step.kind !== 'request' || step.method !== 'POST') return [];
    const path = pathOf(step.path ?? '');
    if (path === '/containers/create') return containerLife(steps, at);
    return /^\/containers\/[^/]+\/exec$/.test(path) ? execLife(steps, at) : [];
  });
};

/** The answer to the request at a place: the first to that path after it that no earlier request has taken. */
const answerTo = (steps: readonly Step[], at: number): (Answer & { readonly at: number }) | undefined => {
  const { method, path = '' } = steps[at] as Step;
  const to = `${method} ${path.replace(/^\/v[\d.]+/, '')}`;
  for (let next = at + 1; next < steps.length; next += 1) {
    const step = steps[next] as Step;
    if (step.kind === 'response' && (step.to === to || step.to === to.split('?')[0]))
      return { status: step.status ?? 0, body: step.body, at: next };
  }
  return undefined;
};

const requestAfter = (
  steps: readonly Step[],
  from: number,
  method: string,
  path: string,
  until = steps.length,
): number =>
  steps.findIndex(
    (step, at) =>
      at > from &&
      at < until &&
      step.kind === 'request' &&
      step.method === method &&
      pathOf(step.path ?? '') === path,
  );

/** What went over a connection from its request to its end, or to the next connection of that name. */
const trafficOf = (
  steps: readonly Step[],
  at: number,
): { readonly traffic: readonly Traffic[]; readonly end: number | undefined } => {
  const { stream } = steps[at] as Step;
  const traffic: Traffic[] = [];
  for (let next = at + 1; next < steps.length; next += 1) {
    const step = steps[next] as Step;
    if (step.stream !== stream) continue;
    if (step.kind === 'request') return { traffic, end: undefined };
    if (step.kind === 'end') return { traffic, end: next };
    if (step.kind === 'close' || step.kind === 'destroy' || step.kind === 'error')
      return { traffic, end: undefined };
    if (step.kind === 'half-close') traffic.push({ dir: 'half-close', type: 0, bytes: Buffer.alloc(0) });
    if (step.kind === 'frame')
      traffic.push({ dir: step.dir ?? 'in', type: step.type ?? 'raw', bytes: Buffer.from(step.text ?? '') });
  }
  return { traffic, end: undefined };
};

const bodyOf = (step: Step | undefined): Readonly<Record<string, unknown>> =>
  (step?.body ?? {}) as Readonly<Record<string, unknown>>;

const containerLife = (steps: readonly Step[], at: number): readonly ContainerLife[] => {
  const request = bodyOf(steps[at]);
  const created = answerTo(steps, at);
  const base = {
    kind: 'container',
    request,
    tty: request['Tty'] === true,
    traffic: [],
    signals: [],
    code: undefined,
    oomKilled: false,
  } as const;
  if (created === undefined) return [];
  const id = String(bodyOf({ body: created.body } as Step)['Id'] ?? '');
  if (created.status >= 400) return [{ ...base, created, started: undefined, attached: undefined }];
  const of = (rest: string): string => `/containers/${id}${rest}`;
  const startAt = requestAfter(steps, at, 'POST', of('/start'));
  if (startAt < 0) return [];
  const started = answerTo(steps, startAt);
  if (started === undefined) return [];
  const attachAt = requestAfter(steps, at, 'POST', of('/attach'), startAt);
  const attachAnswer = attachAt < 0 ? undefined : answerTo(steps, attachAt);
  const attached =
    attachAnswer === undefined
      ? undefined
      : { answer: attachAnswer, query: queryOf(steps[attachAt]?.path ?? '') };
  if (started.status >= 400) return [{ ...base, created, started, attached }];
  const { traffic, end } =
    attachAnswer?.status === 101 ? trafficOf(steps, attachAt) : { traffic: [], end: undefined };
  // A stream that did not end within the session shows only a part of the life.
  if (attached !== undefined && end === undefined) return [];
  const exit = exitAfter(steps, startAt, id);
  if (exit === undefined) return [];
  const signals = steps.slice(startAt, exit.at).flatMap((step) => {
    if (step.kind !== 'request' || pathOf(step.path ?? '') !== of('/kill')) return [];
    const signal = signalNumber(queryOf(step.path ?? '').get('signal') ?? 'KILL');
    return signal === undefined ? [] : [signal];
  });
  return [
    { ...base, created, started, attached, traffic, signals, code: exit.code, oomKilled: exit.oomKilled },
  ];
};

/** The true exit after a start: by the state of a container that has ended, or a wait's answer that is one. */
const exitAfter = (
  steps: readonly Step[],
  from: number,
  id: string,
): { readonly at: number; readonly code: number; readonly oomKilled: boolean } | undefined => {
  for (let at = from + 1; at < steps.length; at += 1) {
    const step = steps[at] as Step;
    // Another run of it has another exit.
    if (
      step.kind === 'request' &&
      step.method === 'POST' &&
      new RegExp(`^/containers/${id}/(start|restart)$`).test(pathOf(step.path ?? ''))
    )
      return undefined;
    if (step.kind !== 'response' || step.status !== 200 || step.error !== undefined) continue;
    const body = bodyOf(step);
    const to = pathOf((step.to ?? '').split(' ')[1] ?? '');
    if (to === `/containers/${id}/json`) {
      const state = (body['State'] ?? {}) as { Status?: string; ExitCode?: number; OOMKilled?: boolean };
      if (state.Status === 'exited' && Number.isInteger(state.ExitCode))
        return { at, code: state.ExitCode as number, oomKilled: state.OOMKilled === true };
    }
    // Podman 4 says 0 for a container that is waited for until it is removed.
    const isRemoval = /condition=removed/.test(step.to ?? '');
    if (
      to === `/containers/${id}/wait` &&
      !isRemoval &&
      body['Error'] === null &&
      (body['StatusCode'] as number) >= 0
    )
      return { at, code: body['StatusCode'] as number, oomKilled: false };
  }
  return undefined;
};

const execLife = (steps: readonly Step[], at: number): readonly ExecLife[] => {
  const request = bodyOf(steps[at]);
  const created = answerTo(steps, at);
  if (created === undefined) return [];
  const base = {
    kind: 'exec',
    request,
    tty: request['Tty'] === true,
    traffic: [],
    details: undefined,
  } as const;
  if (created.status >= 400) return [{ ...base, created, started: undefined }];
  const id = String(bodyOf({ body: created.body } as Step)['Id'] ?? '');
  const startAt = requestAfter(steps, at, 'POST', `/exec/${id}/start`);
  const start = steps[startAt];
  // Detached ones have no stream; a start with another Tty than that of the creation is no client's.
  if (start?.hijack === undefined || /no upgrade/.test(start.hijack)) return [];
  if ((bodyOf(start)['Tty'] === true) !== base.tty) return [];
  const started = answerTo(steps, startAt);
  if (started === undefined) return [];
  if (started.status !== 101) return [{ ...base, created, started }];
  const { traffic, end } = trafficOf(steps, startAt);
  if (end === undefined) return [];
  const details = detailsAfter(steps, end, id);
  if (details === undefined) return [];
  return [{ ...base, created, started, traffic, details }];
};

const detailsAfter = (steps: readonly Step[], end: number, id: string): ExecDetails | undefined => {
  for (let at = end + 1; at < steps.length; at += 1) {
    const step = steps[at] as Step;
    const isInspect =
      step.kind === 'response' && pathOf((step.to ?? '').split(' ')[1] ?? '') === `/exec/${id}/json`;
    // What is known at the end is written down without the id, directly after it.
    const isKnown = step.kind === 'exec-known' && at - end <= 2;
    if (step.kind === 'request' && /\/exec$/.test(pathOf(step.path ?? ''))) return undefined;
    if (!isInspect && !isKnown) continue;
    const details = step.body as ExecDetails;
    if (step.status === 200 && details.Running === false) return details;
    return undefined;
  }
  return undefined;
};

const names: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
  STOP: 19,
};

const signalNumber = (text: string): number | undefined => {
  const number = Number(text);
  if (Number.isInteger(number)) return number > 0 && number <= 64 ? number : undefined;
  return names[text.replace(/^SIG/, '')];
};
