/** What tests of programs built on rxshim are given. */
import { inVirtualTime, memoryPipe, simulate, simulatedSystem } from 'rxshim/testing';
import { type ContractEngine, type ContractFeature, contractTests } from 'rxshim/testing/contract';
import { type Equal, is } from './equal.js';

export const virtual = async (): Promise<void> => {
  await inVirtualTime(({ scheduler, system, expectLife }) => {
    simulatedSystem({ scheduler, processes: { web: { life: 'r 5ms x' } } });
    // @ts-expect-error an option that there is not
    simulatedSystem({ scheduler, proceses: {} });
    // @ts-expect-error a life is written in marbles
    simulatedSystem({ scheduler, processes: { web: { life: 5 } } });
    void [expectLife, system({ processes: { web: { life: 'r' } } })];
  });
  void [memoryPipe, simulate];
};

export const contract = (engine: ContractEngine): void => {
  for (const { name, skip, run } of contractTests(engine)) {
    is<Equal<typeof name, string>>(true);
    is<Equal<typeof skip, string | undefined>>(true);
    is<Equal<ReturnType<typeof run>, Promise<void>>>(true);
  }
  // @ts-expect-error a feature that there is not
  const feature: ContractFeature = 'everything';
  void feature;
};
