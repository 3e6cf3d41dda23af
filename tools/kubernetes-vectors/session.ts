/** A recorded session of a client and an API server, as far as it is replayed. */
import type { ApiPod } from '../../src/hcs/kubernetes/pods/api-pod.js';

export interface Session {
  readonly name: string;
  readonly steps: readonly Step[];
  /** What the recording found out besides, such as whether a process went on. */
  readonly outcome: unknown;
}

export interface Step {
  readonly ms?: number;
  readonly event?: RecordedEvent;
  readonly request?: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response?: Answer;
  readonly stream?: RecordedStream;
}

export interface RecordedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: ApiPod;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RecordedStream {
  readonly label?: string;
  readonly path: string;
  readonly offered?: readonly string[];
  readonly frames?: readonly Frame[];
  readonly response?: Answer;
  readonly chosen?: string;
  readonly close?: { readonly code: number };
}

export interface Frame {
  readonly dir: 'in' | 'out';
  readonly ch: number;
  readonly text?: string;
  readonly base64?: string;
  /** A number of frames in place of each. */
  readonly frames?: number;
  readonly bytes?: number;
  readonly len?: number;
}

/** Undefined for what is no session. */
export const parseSession = (text: string): Session | undefined => {
  try {
    const session = JSON.parse(text) as Partial<Session> | null;
    return Array.isArray(session?.steps) ? (session as Session) : undefined;
  } catch {
    return undefined;
  }
};

export const bytesOf = ({ text, base64, bytes, len }: Frame): Buffer => {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  if (text !== undefined) return Buffer.from(text);
  return Buffer.alloc(Math.min(bytes ?? len ?? 0, maxBytes));
};

/** What was left out of a recording is replayed as zeros, and not all of it: more shows nothing more. */
const maxBytes = 2 * 1024 * 1024;
