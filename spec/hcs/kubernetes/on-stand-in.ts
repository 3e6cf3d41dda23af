/** Runs specs over a stand-in cluster that ends with the file: those that change what a real one does not let them. */
import { afterAll, beforeAll } from '@jest/globals';
import { type StandIn, type StandInOptions, startStandIn } from '../../support/kubernetes/stand-in.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';

export const onStandIn = (
  title: string,
  specs: (on: { readonly cluster: () => StandIn }) => void,
  options: StandInOptions = {},
): void =>
  describeWith(lackAsRoot('unshare', 'nsenter'))(title, () => {
    let standIn: StandIn | undefined;
    beforeAll(async () => {
      standIn = await startStandIn(options);
    });
    afterAll(() => standIn?.close());
    specs({ cluster: () => standIn as StandIn });
  });
