/**
 * Services by their definitions, as ts-proto generates them (outputServices=generic-definitions), and what fulfils them.
 *
 * Only calls with one request and one answer: streams of ttrpc 1.2 are not spoken here.
 */
import type { Codec } from '../frames/codec.js';
import type { Metadata } from '../frames/metadata.js';

export interface MethodDefinition<Request, Response> {
  /** The name on the wire, without the service's. */
  readonly name: string;
  readonly requestType: Codec<Request>;
  readonly responseType: Codec<Response>;
}

export interface ServiceDefinition {
  /** Package and service, such as `containerd.task.v2.Task`. */
  readonly fullName: string;
  // biome-ignore lint/suspicious/noExplicitAny: any message; what is inferred from it is exact.
  readonly methods: Readonly<Record<string, MethodDefinition<any, any>>>;
}

/** The context of a call: all that a handler gets beside the request. */
export interface CallContext {
  readonly metadata: Metadata;
  /**
   * Aborts when the peer has disconnected, the deadline passes or the server stops: then the answer cannot be
   * delivered.
   */
  readonly signal: AbortSignal;
  /** When the peer will no longer wait for the answer, in milliseconds since the epoch. */
  readonly deadline: number | undefined;
}

/** As much of an Observable as is needed; that of RxJS fits. */
export interface Subscribable<T> {
  subscribe(observer: { next(value: T): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void;
  };
}

/**
 * Answers a call. The first value of an Observable is the answer, and completion without a value is the empty message. The
 * Observable is unsubscribed from when the signal aborts.
 */
export type Handler<Request, Response> = (
  request: Request,
  context: CallContext,
) => Promise<Response> | Subscribable<Response>;

type RequestOf<M> = M extends MethodDefinition<infer Request, infer _> ? Request : never;
type ResponseOf<M> = M extends MethodDefinition<infer _, infer Response> ? Response : never;

/** A handler for every method; a method with `undefined` is answered as not implemented. */
export type Handlers<D extends ServiceDefinition> = {
  readonly [Name in keyof D['methods']]:
    | Handler<RequestOf<D['methods'][Name]>, ResponseOf<D['methods'][Name]>>
    | undefined;
};

/** The same methods, as a client calls them. */
export type Methods<D extends ServiceDefinition, Options> = {
  readonly [Name in keyof D['methods']]: (
    request: RequestOf<D['methods'][Name]>,
    options?: Options,
  ) => Promise<ResponseOf<D['methods'][Name]>>;
};

/** A method that can be called. */
export interface ServedMethod {
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly handler: Handler<unknown, unknown>;
}

/** A service that can be served. */
export interface Service {
  readonly fullName: string;
  readonly methods: ReadonlyMap<string, ServedMethod>;
}

/**
 * Puts handlers behind a definition.
 *
 * @example
 * service(TaskDefinition, task)
 * service({ ...TaskDefinition, fullName: 'containerd.task.v3.Task' }, task)
 */
export const service = <D extends ServiceDefinition>(definition: D, handlers: Handlers<D>): Service => {
  const methods = new Map<string, ServedMethod>();
  for (const [name, method] of Object.entries(definition.methods)) {
    const handler = handlers[name as keyof D['methods']] as Handler<unknown, unknown> | undefined;
    if (handler !== undefined) methods.set(method.name, { definition: method, handler });
  }
  return { fullName: definition.fullName, methods };
};
