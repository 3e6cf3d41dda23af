/**
 * The deletion of a container, from its task to the answer that is left in its bundle for the `delete` command.
 */
import { context } from '@opentelemetry/api';
import { map, type Observable, tap } from 'rxjs';
import type { Logger } from '../../streams/log.js';
import type { DeletedExec } from '../../streams/task/interface.js';
import { DeleteResponse, timestampOf } from '../messages/index.js';
import { writeResponse } from './bundle-record.js';
import type { ShimContainer } from './container.js';

/** Emits what Delete answers. Errors where the container runs, or cannot be removed; it may be asked for again. */
export const removalOf = (container: ShimContainer, log: Logger | undefined): Observable<DeleteResponse> =>
  context
    .with(container.context, () => container.task.delete())
    .pipe(
      map(deleteResponse),
      tap((response) => leaveResponse(container, response, log)),
    );

export const deleteResponse = ({ pid, exitStatus, exitedAt }: DeletedExec): DeleteResponse =>
  DeleteResponse.create({ pid, exitStatus, exitedAt: timestampOf(exitedAt) });

/** The container is deleted by now: a bundle that is gone, or full, is no reason to say otherwise. */
const leaveResponse = (
  { bundle }: ShimContainer,
  response: DeleteResponse,
  log: Logger | undefined,
): void => {
  try {
    writeResponse(bundle, DeleteResponse.encode(response).finish());
  } catch (err) {
    log?.debug({ err, bundle }, 'no answer was left for the delete to come');
  }
};
