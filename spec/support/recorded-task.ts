/**
 * Stands in the place of `src/streams/task/task.ts` when lives are recorded (see jest.config.js): the same function,
 * which writes down how each of its tasks lived.
 */
import { appendFileSync } from 'node:fs';
import { expect } from '@jest/globals';
// Spelt so that it is not taken for the module that this one stands for.
import { createTask as real } from '../../src/streams/task/./task.js';
import { recordingTask } from '../../tools/simulate/record.js';

const file = process.env['RXSHIM_RECORD'] as string;

export const createTask: typeof real = (options, commandOptions) => {
  const name = expect.getState().currentTestName ?? 'outside a test';
  const write = (recording: object): void => appendFileSync(file, `${JSON.stringify(recording)}\n`);
  return recordingTask(real, name, write)(options, commandOptions);
};
