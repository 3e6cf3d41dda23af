/** How a refusal by a server is to be reported. */
import { messageOf, RxshimError } from '../../src/hcs/failures/errors.js';

const kinds: Readonly<Record<number, readonly string[]>> = {
  400: ['invalidArgument', 'failedPrecondition'],
  401: ['permissionDenied'],
  403: ['permissionDenied'],
  404: ['notFound'],
  409: ['alreadyExists', 'failedPrecondition'],
  410: ['unavailable'],
  422: ['invalidArgument'],
  500: ['failedPrecondition', 'unavailable'],
};

/** How a refusal is reported: by its kind, with the server's own words, and with the verb that a role lacks. */
export const refusalDifferences = (error: unknown, status: number, body: unknown): string[] => {
  if (!(error instanceof RxshimError)) return [`an error without a kind: ${messageOf(error)}`];
  const text =
    typeof body === 'string' ? body.trim() : ((body as { message?: string } | undefined)?.message ?? '');
  const found: string[] = [];
  if (kinds[status]?.includes(error.kind) === false)
    found.push(`a kind for ${status} expected, got ${error.kind}`);
  if (!error.message.includes(text.trim().slice(0, 200)))
    found.push(`${short(text)} is missing in: ${error.message}`);
  if (status === 403 && !/must allow/.test(error.message)) found.push(`no verb is named: ${error.message}`);
  return found;
};

/** A text as a difference shows it. */
export const short = (text: string): string =>
  `${text.length} characters ${JSON.stringify(text.slice(0, 60))}`;
