/**
 * Handles modify requests: rejects invalid ones and passes the others to the engine.
 */
import { defer, EMPTY, type Observable } from 'rxjs';
import { guestId } from '../hcs/guest/protocol/constants.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import { type Fields, isFields } from '../hcs/guest/protocol/json.js';
import type { ModificationRequest } from '../hcs/guest/protocol/messages.js';
import { AgentError, malformed, systemNotFound } from './error.js';
import { answerAfter } from './request/answer-after.js';
import { objectField, type Request, textField } from './request/read.js';
import type { Session } from './session.js';

const guestResources = new Set([
  'MappedDirectory',
  'SCSIDevice',
  'MappedVirtualDisk',
  'Network',
  'NetworkNamespace',
  'CombinedLayers',
  'VPMemDevice',
  'VPCIDevice',
  'HvSocket',
  'SecurityPolicy',
  'SecurityPolicyFragment',
  'PodCgroupMemoryLimit',
]);
const containerResource = 'ContainerConstraints';

export const modifySettings = (
  { engine, containers }: Session,
  { containerId, fields }: Request,
): Observable<object> =>
  defer(() => {
    const request = requestOf(fields);
    const { RequestType: how, ResourceType: what, Settings } = request;
    if (containerId !== guestId) {
      containers.get(containerId);
      if (what !== containerResource)
        throw failure(`the ResourceType "${what}" is not supported for containers`);
    } else {
      if (what === containerResource) throw systemNotFound();
      if (what === 'CombinedLayers') requireTarget(how, Settings);
    }
    const container = containerId === guestId ? undefined : containerId;
    return answerAfter(
      defer(() => engine.modify?.(request, container) ?? EMPTY),
      {},
    );
  });

const requestOf = (fields: Fields): ModificationRequest => {
  const request = objectField(fields, 'Request');
  if (request === undefined) throw malformed('in message', 'Request: expected an object');
  const ResourceType = textField(request, 'ResourceType') ?? '';
  const RequestType = (textField(request, 'RequestType') || 'Add') as NonNullable<
    ModificationRequest['RequestType']
  >;
  if (!guestResources.has(ResourceType) && ResourceType !== containerResource) {
    throw failure(`invalid ResourceType '${ResourceType}'`);
  }
  return { RequestType, ResourceType, Settings: request['Settings'] };
};

const requireTarget = (how: string | undefined, settings: unknown): void => {
  if (how !== 'Add' && how !== 'Remove') throw failure(`the RequestType "${how}" is not supported`);
  if (!isFields(settings) || !settings['ContainerRootPath']) throw failure('cannot have empty target');
};

const failure = (message: string): AgentError => new AgentError(hresults.fail, message);
