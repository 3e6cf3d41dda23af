/** Users of this host by their names, from the file that every system has. Those of a directory service are not found. */
import { readFileSync } from 'node:fs';
import { invalid } from '../../failures/errors.js';

/** @throws RxshimError `invalidArgument` where there is no such user. */
export const lookUpUser = (name: string): { readonly uid: number; readonly gid: number } => {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name) return { uid: Number(uid), gid: Number(gid) };
  }
  throw invalid('user', name, 'the name of a user in /etc/passwd');
};
