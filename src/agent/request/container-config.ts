/**
 * Reads and validates the document of a create request.
 */
import { hresults } from '../../hcs/guest/protocol/hresults.js';
import { type Fields, isFields } from '../../hcs/guest/protocol/json.js';
import type { ContainerConfig } from '../../hcs/guest/protocol/messages.js';
import { AgentError } from '../error.js';
import { embeddedIn, textField } from './read.js';

/** @throws AgentError */
export const containerConfigOf = (fields: Fields): ContainerConfig => {
  const document = embeddedIn(fields, 'ContainerConfig');
  const { SchemaVersion, OciSpecification } = document;
  const { Major = 0, Minor = 0 } = (isFields(SchemaVersion) ? SchemaVersion : {}) as Partial<Version>;
  if (Major < 2 || (Major === 2 && Minor < 1)) {
    const code = `HRESULT 0x${hresults.invalidJson.toString(16)}`;
    throw new AgentError(hresults.invalidJson, `${code}: invalid schema version: {${Major} ${Minor}}`);
  }
  if (!isFields(OciSpecification) || !isFields(OciSpecification['process'])) {
    throw new AgentError(hresults.invalidArgument, 'the document of the container describes no process');
  }
  return {
    SchemaVersion: { Major, Minor },
    OciBundlePath: textField(document, 'OciBundlePath') ?? '',
    OciSpecification,
    ...(document['ScratchDirPath'] !== undefined && {
      ScratchDirPath: textField(document, 'ScratchDirPath') ?? '',
    }),
  };
};

interface Version {
  readonly Major: number;
  readonly Minor: number;
}
