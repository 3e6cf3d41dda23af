/**
 * A command within a span of its own. Every method of an exec or a task that does something returns one.
 */
import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Observable, Observer, Subscriber, Subscription, TeardownLogic, Unsubscribable } from 'rxjs';
import { messageOf } from '../hcs/failures/errors.js';
import { type Command, type CommandOptions, command } from '../operators/command.js';
import { requireCommandOptions } from './command-options.js';

/** The API's tracer stands in for the SDK's, whenever one is started. */
export const defaultTracer: Tracer = trace.getTracer('rxshim');

export interface CommandSpan {
  readonly tracer: Tracer;
  readonly name: string;
  /** Called only if the span is recorded. */
  readonly attributes: () => Attributes;
  /** The options of the command besides those of every command. */
  readonly ownOptions?: readonly string[];
}

/** The span's parent is the context that is active when this is called: the caller's. */
export const tracedCommand = <T>(
  span: CommandSpan,
  work: Observable<T>,
  options: CommandOptions | undefined,
): Command<T> => {
  const parent = context.active();
  try {
    requireCommandOptions(options, span.ownOptions);
  } catch (error) {
    return command((listener) => listener.error(error));
  }
  return command((listener) => subscribeTraced(span, parent, work, listener), options);
};

const subscribeTraced = <T>(
  { tracer, name, attributes }: CommandSpan,
  parent: Context,
  work: Observable<T>,
  listener: Subscriber<T>,
): TeardownLogic => {
  const span = tracer.startSpan(name, undefined, parent);
  if (!span.isRecording()) return work.subscribe(listener);
  span.setAttributes(attributes());
  const traced = new Traced(listener, span);
  listener.add(traced);
  return context.with(trace.setSpan(parent, span), subscribeTo, undefined, work, traced);
};

const subscribeTo = <T>(work: Observable<T>, listener: Observer<T>): Subscription => work.subscribe(listener);

// A class, because each command that is traced has one of these: one object, with methods on a prototype.
class Traced<T> implements Observer<T>, Unsubscribable {
  readonly #listener: Subscriber<T>;
  readonly #span: Span;

  constructor(listener: Subscriber<T>, span: Span) {
    this.#listener = listener;
    this.#span = span;
  }

  next(value: T): void {
    this.#listener.next(value);
  }

  error(error: unknown): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    this.#listener.error(error);
  }

  complete(): void {
    this.#listener.complete();
  }

  unsubscribe(): void {
    this.#span.end();
  }
}
