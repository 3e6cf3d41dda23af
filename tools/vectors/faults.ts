/** The errors that vectors name. */
import { hcsCodes } from '../../src/hcs/failures/codes.js';
import { hcsStatusError } from '../../src/hcs/failures/status-error.js';

const hcsNames: Readonly<Record<string, number>> = {
  'hcs:computeSystemAlreadyStopped': hcsCodes.alreadyStopped,
  'hcs:processAlreadyStopped': hcsCodes.processAlreadyStopped,
  'hcs:elementNotFound': hcsCodes.elementNotFound,
};

/** The error of a name: a status of the Host Compute Service, one inside another, or a plain one with that text. */
export const namedError = (name: string): Error => {
  const wrapped = /^wrapped (.*)$/s.exec(name)?.[1];
  if (wrapped !== undefined) return new Error('outer', { cause: namedError(wrapped) });
  const code = hcsNames[name];
  if (code !== undefined) return hcsStatusError(code);
  if (name.startsWith('hcs:')) throw new Error(`unknown error name ${name}`);
  return new Error(name);
};
