/**
 * The result document: what the Host Compute Service says about a failure beyond its number.
 *
 * It is commentary, and reading it never makes a failure worse: what cannot be made out is left out.
 */

/** One thing that happened on the way to a failure. Absent where the service said nothing. */
export interface HcsEvent {
  readonly message: string;
  readonly stackTrace?: string;
  readonly provider?: string;
  readonly eventId?: number;
  readonly flags?: number;
  readonly source?: string;
}

export interface HcsResult {
  /** The failure's number as the service gave it: an HRESULT, signed. */
  readonly error?: number;
  readonly message?: string;
  readonly events: readonly HcsEvent[];
}

/**
 * Reads a result document.
 *
 * @param text the document; nothing at all, or the empty text, is a result that says nothing.
 * @returns `undefined` when the text is no such document: worth a warning, and otherwise the same as no events.
 */
export const parseHcsResult = (text: string | null | undefined): HcsResult | undefined => {
  if (text === undefined || text === null || text === '') return { events: [] };
  const document = parsed(text);
  if (!isObject(document)) return undefined;
  const { ErrorEvents } = document;
  return {
    ...numberIn(document, 'Error', 'error'),
    ...textIn(document, 'ErrorMessage', 'message'),
    events: (Array.isArray(ErrorEvents) ? ErrorEvents : []).filter(isObject).map(eventOf),
  };
};

/** An event as one line, in brackets. */
export const hcsEventText = (event: HcsEvent): string => {
  const parts = [
    `Event Detail: ${event.message}`,
    event.stackTrace && `Stack Trace: ${event.stackTrace}`,
    event.provider && `Provider: ${event.provider}`,
    event.eventId && `EventID: ${event.eventId}`,
    event.flags && `flags: ${event.flags}`,
    event.source && `Source: ${event.source}`,
  ];
  return `[${parts.filter(Boolean).join(' ')}]`;
};

type Fields = Readonly<Record<string, unknown>>;

const eventOf = (fields: Fields): HcsEvent => ({
  message: '',
  ...textIn(fields, 'Message', 'message'),
  ...textIn(fields, 'StackTrace', 'stackTrace'),
  ...textIn(fields, 'Provider', 'provider'),
  ...numberIn(fields, 'EventId', 'eventId'),
  ...numberIn(fields, 'Flags', 'flags'),
  ...textIn(fields, 'Source', 'source'),
});

const textIn = <K extends string>(fields: Fields, from: string, to: K): { readonly [key in K]?: string } => {
  const value = fields[from];
  return (typeof value === 'string' && value !== '' ? { [to]: value } : {}) as {
    readonly [key in K]?: string;
  };
};

const numberIn = <K extends string>(
  fields: Fields,
  from: string,
  to: K,
): { readonly [key in K]?: number } => {
  const value = fields[from];
  return (Number.isInteger(value) && value !== 0 ? { [to]: value } : {}) as { readonly [key in K]?: number };
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
