/**
 * Executes the three kinds of processes: the init of a container, an exec in a container, and a process outside of all
 * containers.
 */
import { concat, defer, finalize, ignoreElements, map, type Observable, of, tap } from 'rxjs';
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { statusOf } from '../../hcs/contract/exit-code.js';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import { guestId } from '../../hcs/guest/protocol/constants.js';
import { hresults } from '../../hcs/guest/protocol/hresults.js';
import type { Fields } from '../../hcs/guest/protocol/json.js';
import type { ResponseFields, StdioPorts } from '../../hcs/guest/protocol/messages.js';
import { initOf } from '../container/init.js';
import { type Container, exitUnlessStarted } from '../container/table.js';
import { AgentError, malformed } from '../error.js';
import { embeddedIn, numberField, objectField, type Request, textField } from '../request/read.js';
import { splitCommandLine } from '../request/split-command-line.js';
import type { Session } from '../session.js';
import { type Launch, launch, type Pipes } from './launch.js';
import type { AgentProcess } from './table.js';

export const executeProcess = (
  session: Session,
  { containerId, activityId, fields }: Request,
): Observable<ResponseFields['executeProcess']> =>
  defer(() => {
    const { dial, links, scheduler } = session;
    const settings = objectField(fields, 'Settings') ?? {};
    const document = embeddedIn(settings, 'ProcessParameters');
    const spec = processSpec(document);
    const ports = portsOf(objectField(settings, 'VsockStdioRelaySettings') ?? {});
    const pipes = pipesOf(document);
    const external = document['CreateInUtilityVM'] === true || containerId === guestId;
    const host: Host = { pipes, ports, dial, links, scheduler, activity: activityId };
    const made$ = external
      ? launchExternal(session, document, host)
      : launchInside(session.containers.get(containerId), spec, host);
    return made$.pipe(map(({ process }) => ({ ProcessId: process.pid })));
  });

/** The part of a launch that concerns the host. */
type Host = Pick<Launch, 'pipes' | 'ports' | 'dial' | 'links' | 'scheduler' | 'activity'>;

const launchInside = (
  container: Container,
  spec: ProcessSpec | undefined,
  host: Host,
): Observable<AgentProcess> => {
  const { system, processes } = container;
  if (spec !== undefined) {
    const terminal = spec.terminal === true;
    const make = () => system.createProcess({ OciProcess: spec, ...host.pipes });
    return launch({ ...host, make, terminal, handshake: !terminal }).pipe(
      tap((process) => processes.add(process)),
    );
  }
  if (container.init !== undefined)
    throw new AgentError(hresults.fail, 'cannot start an already running container');
  container.init = 'starting';
  const { terminal, parameters } = initOf(system, container.config, host.pipes);
  const { created } = container;
  const make = () =>
    concat(
      system.start().pipe(ignoreElements()),
      defer(() => (created === undefined ? system.createProcess(parameters) : of(created.process))),
    );
  return launch({ ...host, make, terminal, handshake: !terminal }).pipe(
    tap((process) => {
      container.init = process.process.pid;
      processes.add(process, { keep: true });
      if (created !== undefined) process.exit$.subscribe(created.exit$);
    }),
    finalize(() => {
      if (container.init !== 'starting') return;
      container.init = undefined;
      if (created !== undefined) exitUnlessStarted(container, created);
    }),
  );
};

const launchExternal = (
  { engine, externals, over }: Session,
  document: Fields,
  host: Host,
): Observable<AgentProcess> => {
  const terminal = document['EmulateConsole'] === true;
  const OciProcess = externalSpec(document);
  const make = () => engine.host().createProcess({ OciProcess, ...host.pipes });
  // In Microsoft's agent such a process owns its sockets, and the host need not close them before it gets the exit.
  return launch({ ...host, make, terminal, handshake: false, codeOf: externalCode }).pipe(
    tap((process) => {
      externals.add(process);
      if (over()) process.process.kill().subscribe({ error: () => undefined });
    }),
  );
};

/** Microsoft's agent reports a process killed by a signal as -1, unsigned. */
const externalCode = (exit: ProcessExit): number => (exit.kind === 'signaled' ? 0xffffffff : statusOf(exit));

const externalSpec = (document: Fields): ProcessSpec => {
  const args = document['CommandArgs'] as readonly string[] | undefined;
  const line = textField(document, 'CommandLine') ?? '';
  const words = args?.length ? args : splitCommandLine(line);
  if (words === undefined)
    throw new AgentError(hresults.fail, `a quote in the command line is not closed: ${line}`);
  const environment = objectField(document, 'Environment');
  const [height, width] = (document['ConsoleSize'] as readonly number[] | undefined) ?? [];
  return {
    args: words,
    ...(environment && { env: Object.entries(environment).map(([name, value]) => `${name}=${value}`) }),
    cwd: textField(document, 'WorkingDirectory') || '/',
    terminal: document['EmulateConsole'] === true,
    ...(height !== undefined && width !== undefined && { consoleSize: { height, width } }),
  };
};

/** Validates the lists, which would otherwise be misread later. */
const processSpec = (document: Fields): ProcessSpec | undefined => {
  const spec = objectField(document, 'OciProcess');
  const lists = [document['CommandArgs'], spec?.['args'], spec?.['env']];
  if (!lists.every(isTexts))
    throw malformed('for ProcessParameters', 'a list of arguments or variables must hold strings');
  return spec as ProcessSpec | undefined;
};

const isTexts = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.every((one) => typeof one === 'string'));

const pipesOf = (document: Fields): Pipes => ({
  ...(document['CreateStdInPipe'] === true && { CreateStdInPipe: true }),
  ...(document['CreateStdOutPipe'] === true && { CreateStdOutPipe: true }),
  ...(document['CreateStdErrPipe'] === true && { CreateStdErrPipe: true }),
});

const portsOf = (settings: Fields): StdioPorts => ({
  StdIn: numberField(settings, 'StdIn'),
  StdOut: numberField(settings, 'StdOut'),
  StdErr: numberField(settings, 'StdErr'),
});
