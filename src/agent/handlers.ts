/**
 * The handlers of an agent: a table from the name of a request to the function that answers it.
 */
import { catchError, defer, EMPTY, map, type Observable, of, throwError } from 'rxjs';
import { forever, guestId, protocolVersion } from '../hcs/guest/protocol/constants.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import type { RequestName } from '../hcs/guest/protocol/message-types.js';
import type { GuestCapabilities, ResponseFields } from '../hcs/guest/protocol/messages.js';
import { AgentError, processNotFound } from './error.js';
import { modifySettings } from './modify-settings.js';
import { executeProcess } from './process/execute.js';
import { answerAfter } from './request/answer-after.js';
import { containerConfigOf } from './request/container-config.js';
import { embeddedIn, numberField, objectField, type Request, textField } from './request/read.js';
import type { Session } from './session.js';

type Handler<N extends RequestName> = (
  session: Session,
  request: Request,
) => Observable<Partial<ResponseFields[N]>>;

type Handlers = { readonly [N in RequestName]: Handler<N> };

/** Without an instance they are those of Microsoft's agent. */
const capabilities = (InstanceId: string | undefined): GuestCapabilities => ({
  SupportedSchemaVersions: [{ Major: 2, Minor: 1 }],
  RuntimeOsType: 'Linux',
  GuestDefinedCapabilities: {
    NamespaceAddRequestSupported: true,
    SignalProcessSupported: true,
    DumpStacksSupported: true,
    DeleteContainerStateSupported: true,
    ...(InstanceId !== undefined && { InstanceId }),
  },
});

const done = of({});

export const handlers: Handlers = {
  negotiateProtocol: ({ instance }, { fields }) =>
    defer(() => {
      const [min, max] = [numberField(fields, 'MinimumVersion'), numberField(fields, 'MaximumVersion')];
      if (max < protocolVersion || min > protocolVersion) throw new AgentError(hresults.unsupportedVersion);
      return of({ Version: protocolVersion, Capabilities: capabilities(instance) });
    }),

  create: ({ containers }, { containerId, activityId, fields }) =>
    answerAfter(
      defer(() => containers.create(containerId, containerConfigOf(fields), activityId)),
      // A field of an earlier protocol, which Microsoft's agent still sets.
      { SelectedProtocolVersion: 0 },
    ),

  // A container starts with its first process. Until then there is nothing to start.
  start: () => done,

  executeProcess,

  waitForProcess: ({ containers, externals, scheduler }, { containerId, fields }) =>
    defer(() => {
      const processes = containerId === guestId ? externals : containers.get(containerId).processes;
      const timeout = fields['TimeoutInMs'] === undefined ? forever : numberField(fields, 'TimeoutInMs');
      return processes
        .wait(numberField(fields, 'ProcessId'), {
          timeout,
          scheduler,
          activity: textField(fields, 'ProcessActivityId'),
        })
        .pipe(map((ExitCode) => ({ ExitCode })));
    }),

  signalProcess: ({ containers }, { containerId, fields }) =>
    defer(() => {
      const container = containers.get(containerId);
      const { process } = container.processes.get(numberField(fields, 'ProcessId'));
      const signal = objectField(fields, 'Options')?.['Signal'] ?? 0;
      if (!Number.isInteger(signal)) throw new AgentError(hresults.invalidJson);
      const isInit = process.pid === container.init;
      if (isInit && signal === 15) container.asked = 'GracefulExit';
      if (isInit && (signal === 9 || signal === 0)) container.asked = 'ForcedExit';
      return (signal === 0 ? process.kill() : process.signal({ Signal: signal as number })).pipe(
        map((delivery) => {
          if (delivery !== 'delivered') throw processNotFound();
          return {};
        }),
        // An engine reports an unknown signal in its own way.
        catchError((error) =>
          throwError(() => (error instanceof AgentError ? error : invalidArgument(error))),
        ),
      );
    }),

  resizeConsole: ({ containers }, { containerId, fields }) =>
    defer(() => {
      const pid = numberField(fields, 'ProcessId');
      const { process, terminal } = containers.get(containerId).processes.get(pid);
      const [width, height] = [numberField(fields, 'Width', 16), numberField(fields, 'Height', 16)];
      if (!terminal) throw new AgentError(hresults.fail, `pid: ${pid}, is not a tty and cannot be resized`);
      // A failed resize is ignored: the terminal has hung up.
      return answerAfter(process.resizeConsole({ width, height }).pipe(catchError(() => EMPTY)), {});
    }),

  shutdownGraceful: (session, request) => shutdown(session, request, 'GracefulExit'),
  shutdownForced: (session, request) => shutdown(session, request, 'ForcedExit'),

  getProperties: ({ containers }, { containerId, fields }) =>
    defer(() => {
      if (containerId === guestId)
        throw new AgentError(hresults.fail, 'a guest has no properties of its own');
      const { system, gone, activityId } = containers.get(containerId);
      const isEmpty = (textField(fields, 'Query') ?? '') === '';
      const query = isEmpty ? [] : embeddedIn(fields, 'Query')['PropertyTypes'];
      const names: readonly unknown[] = Array.isArray(query) ? query : [];
      const known = names.includes('CreateActivityId') ? { CreateActivityId: activityId } : {};
      // Ended processes are not listed.
      if (gone || !names.includes('ProcessList')) return of({ Properties: JSON.stringify(known) });
      return system.pids().pipe(
        map((pids) => ({
          Properties: JSON.stringify({
            ...known,
            ProcessList: pids.map((ProcessId) => ({ ProcessId })),
          }),
        })),
      );
    }),

  modifySettings,

  dumpStacks: (session) => defer(() => of({ GuestStacks: stacksOf(session) })),

  deleteContainerState: ({ containers }, { containerId }) => answerAfter(containers.delete(containerId), {}),
};

const shutdown = (
  { containers, links }: Session,
  { containerId }: Request,
  how: 'GracefulExit' | 'ForcedExit',
): Observable<object> =>
  defer(() => {
    if (containerId === guestId) {
      links.powerOff();
      return EMPTY;
    }
    const container = containers.get(containerId);
    container.asked ??= how;
    if (container.gone) return done;
    const { system } = container;
    return answerAfter(how === 'GracefulExit' ? system.shutdown() : system.terminate(), {});
  });

const invalidArgument = (cause: unknown): AgentError =>
  new AgentError(hresults.fail, 'invalid argument', cause);

/** JavaScript has a single stack, so the dump lists what is running instead. */
const stacksOf = ({ containers, externals }: Session): string => {
  const processes = (all: readonly { readonly process: { readonly pid: number } }[]) =>
    all.map(({ process }) => process.pid).join(' ') || 'none';
  return [
    ...containers
      .all()
      .map(
        ({ id, init, gone, processes: table }) =>
          `container ${id}: init ${init ?? 'not started'}${gone ? ', ended' : ''}, processes ${processes(table.all())}`,
      ),
    `external processes: ${processes(externals.all())}`,
    new Error('stack').stack ?? '',
  ].join('\n');
};
