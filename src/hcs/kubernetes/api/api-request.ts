/** A request to the API server, as data. */
import type { QueryValue } from '../../remote/http.js';

export type Query = readonly (readonly [name: string, value: QueryValue])[];

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** The operation as errors name it: `create pod web`. */
  readonly what: string;
  /** The permission that it needs of a role: `create on pods`. */
  readonly needs: string;
}
