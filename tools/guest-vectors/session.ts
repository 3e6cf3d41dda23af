/**
 * A recorded session: what passed between a host and a real guest, in the order in which the host saw it.
 */
import { check, list, record, text } from '../vectors/shape.js';

export interface RecordedFrame {
  readonly kind: 'frame';
  readonly fromHost: boolean;
  readonly type: number;
  readonly id: bigint;
  /** The bytes of the body, as they were. */
  readonly body: Buffer;
}

export interface StdioEvent {
  readonly kind: 'connect' | 'data' | 'eof' | 'close' | 'refused';
  readonly port: number;
  readonly fromHost: boolean;
  /** Of data. */
  readonly bytes: Buffer;
}

/** A message that the guest sends for an earlier connection of its host. */
export interface StrayFrame extends Omit<RecordedFrame, 'kind'> {
  readonly kind: 'stray';
}

export type SessionEvent = RecordedFrame | StrayFrame | StdioEvent;

export interface Session {
  readonly name: string;
  readonly timeline: readonly SessionEvent[];
}

/** The session, or `undefined` for a file that holds something else. */
export const parseSession = (content: string): Session | undefined => {
  const file = record('the file', JSON.parse(content));
  if (!('session' in file || 'timeline' in file)) return undefined;
  const timeline = list('timeline', file['timeline']).map((raw, index) => {
    const place = `timeline[${index}]`;
    return parseEvent(place, record(place, raw));
  });
  return {
    name: text('session', file['session']),
    timeline: timeline.filter((event) => event !== undefined),
  };
};

type Fields = Readonly<Record<string, unknown>>;

const parseEvent = (place: string, event: Fields): SessionEvent | undefined => {
  const kind = text(`${place}.kind`, event['kind']);
  const fromHost = event['dir'] === 'host->guest' || event['by'] === 'host';
  if (kind === 'frame' || kind === 'stray') {
    const header = Buffer.from(text(`${place}.headerHex`, event['headerHex']), 'hex');
    check(header.length === 16, `${place}.headerHex`, '16 bytes');
    const { bodyHex, body = '' } = event;
    return {
      kind,
      fromHost,
      type: header.readUInt32LE(0),
      id: header.readBigUInt64LE(8),
      body:
        typeof bodyHex === 'string' ? Buffer.from(bodyHex, 'hex') : Buffer.from(text(`${place}.body`, body)),
    };
  }
  const [, what] = /^stdio-(connect|data|eof|close|refused)$/.exec(kind) ?? [];
  // The end of the bridge is the end of the session; errors of a stream are what they are.
  if (what === undefined) return undefined;
  const { hex, bytes } = event;
  check(Number.isInteger(event['port']), `${place}.port`, 'a port');
  return {
    kind: what as StdioEvent['kind'],
    port: event['port'] as number,
    fromHost,
    // Long data was not kept, only counted.
    bytes:
      typeof hex === 'string' ? Buffer.from(hex, 'hex') : Buffer.alloc(typeof bytes === 'number' ? bytes : 0),
  };
};
