/** A program that finds its cluster as a program in a pod does, and prints what it finds. */
import { kubernetesRegistry } from '../../../src/hcs/kubernetes/index.js';
import { listTasks, type RxshimError } from '../../../src/index.js';

const found = await listTasks({ registry: kubernetesRegistry() }).then(
  (tasks) => `${tasks.length} tasks`,
  (error: unknown) => {
    const { name, kind, message } = error as RxshimError;
    return `${name} ${kind}: ${message}`;
  },
);
console.log(found);
