/** What is drawn, and between which markers of which document. */
import { lifecycleDiagram, lifecycleTable, scopeTable } from './draw.js';
import { taskLifecycle } from './draw-task.js';

/** A text that is generated into a document, between two markers. */
export interface Drawing {
  readonly path: string;
  readonly marker: string;
  readonly text: () => string;
}

export const drawings: readonly Drawing[] = [
  {
    path: 'docs/lifecycle.md',
    marker: 'lifecycle',
    text: () => `${lifecycleDiagram()}\n\n${lifecycleTable()}\n\n${scopeTable()}`,
  },
  { path: 'docs/lifecycle.md', marker: 'task-lifecycle', text: taskLifecycle },
];
