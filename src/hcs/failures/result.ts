/**
 * The result document: details of a failure of the Host Compute Service, besides its code.
 *
 * It is only commentary: unreadable parts are ignored and never make a failure worse.
 */

/** An event that led to a failure. Fields that the service left out are absent. */
export interface HcsEvent {
  readonly message: string;
  readonly stackTrace?: string;
  readonly provider?: string;
  readonly eventId?: number;
  readonly flags?: number;
  readonly source?: string;
}

export interface HcsResult {
  /** The code as the service reported it: a signed HRESULT. */
  readonly error?: number;
  readonly message?: string;
  readonly events: readonly HcsEvent[];
}

/**
 * Parses a result document.
 *
 * @param text the document. A missing or empty one has no events.
 * @returns `undefined` if it is malformed: worth a warning, otherwise the same as no events.
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
