/** Ports for one effect of a task alone: a container, an init and a publisher that do what a spec says. */

import { context } from '@opentelemetry/api';
import { EMPTY, type Observable, of, Subject } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import type { Exec } from '../../../src/streams/exec/interface.js';
import { defaultPolicies } from '../../../src/streams/policies.js';
import type { UpstreamIo } from '../../../src/streams/stdio/upstream.js';
import { unconnected } from '../../../src/streams/stdio/upstream.js';
import type { Ports } from '../../../src/streams/task/ports.js';
import { defaultTracer } from '../../../src/streams/traced-command.js';

export interface Fakes {
  readonly system?: Partial<ComputeSystem>;
  readonly init?: Partial<Exec>;
  readonly execs?: readonly Partial<Exec>[];
  readonly upstream?: Partial<UpstreamIo>;
  readonly publish?: (type: string) => Observable<unknown>;
}

export interface EffectPorts {
  readonly ports: Ports;
  /** The calls of the effect, in order. */
  readonly calls: string[];
}

const status = {
  bundle: '/bundle',
  pid: 7,
  stdin: '',
  stdout: '',
  stderr: '',
  terminal: false,
  exitStatus: 3,
  exitedAt: new Date(5),
};

const idle = {
  state: 'running',
  exit$: EMPTY,
  released$: EMPTY,
  forceExit: () => EMPTY,
  status: () => status,
};

export const effectPorts = (scheduler: TestScheduler, fakes: Fakes = {}): EffectPorts => {
  const calls: string[] = [];
  const noting = <T extends object>(whole: T, prefix: string): T =>
    new Proxy(whole, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function' || typeof name === 'symbol') return value;
        return (...given: unknown[]) => {
          calls.push(`${prefix}${name}`);
          return (value as (...args: unknown[]) => unknown).apply(target, given);
        };
      },
    });
  const system = { ...scriptedSystem({}), ...fakes.system } as ComputeSystem;
  const execOf = (id: string, given: Partial<Exec> | undefined): Exec =>
    noting({ ...idle, id, ...given }, `${id}.`) as unknown as Exec;
  const publish = fakes.publish ?? (() => of(undefined));
  const ports: Ports = {
    options: { id: 't', system, bundle: '/bundle', stdio: {} },
    system: noting(system, 'container.'),
    policies: defaultPolicies,
    scheduler,
    log: undefined,
    events: {
      publish: (event) => {
        calls.push(`publish ${event.type}`);
        return publish(event.type);
      },
      events$: EMPTY,
      end: () => void calls.push('events end'),
    },
    idsAreSeparate: false,
    execPorts: { system, publish: () => EMPTY, scheduler },
    tracing: { tracer: defaultTracer, parent: context.active() },
    handles: {
      upstream: noting({ ...unconnected, ...fakes.upstream }, 'upstream.') as UpstreamIo,
      process: undefined,
      init: execOf('t', fakes.init),
      execs: new Map((fakes.execs ?? []).map((exec, at) => [`e${at}`, execOf(`e${at}`, exec)])),
      added$: new Subject(),
      requests: 0,
    },
  };
  return { ports, calls };
};
