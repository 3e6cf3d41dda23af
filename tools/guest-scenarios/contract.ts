/** The contract test kit over a real agent. Each test has an agent of its own. */
import { containerDocument } from '../../src/hcs/guest/index.js';
import type { ContractEngine } from '../../src/testing/contract/index.js';
import type { RealAgent } from './agent.js';

export const contractOf = (
  agent: () => RealAgent,
  { rootfs, keeps }: { readonly rootfs: string; readonly keeps: boolean },
): { readonly engine: ContractEngine; release(): Promise<void> } => {
  let current: RealAgent | undefined;
  let count = 0;
  const connect = (its: RealAgent) => its.connect(keeps ? { records: { directory: its.records } } : {});
  const engine: ContractEngine = {
    system: async (spec) => {
      await current?.release();
      current = agent();
      const guest = await connect(current);
      count += 1;
      return guest.createContainer({ id: `k${count}`, spec: containerDocument(spec, rootfs) });
    },
    successor: async ({ id }) => {
      if (current === undefined) throw new Error('there is no agent');
      await current.leave();
      const { registry } = await connect(current);
      if (registry === undefined) throw new Error('there are no records');
      return registry.system(id);
    },
    features: ['delete', 'terminal', 'endsWithInit', ...(keeps ? (['adopt'] as const) : [])],
  };
  return { engine, release: async () => current?.release() };
};
