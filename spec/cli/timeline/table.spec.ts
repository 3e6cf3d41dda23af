import { expect, it } from '@jest/globals';
import { plain } from '../../../src/cli/timeline/paint.js';
import { table } from '../../../src/cli/timeline/table.js';

const columns = [{ title: 'exec' }, { title: 'status', right: true }, { title: 'how' }];
const rows = [
  [{ text: 'web' }, { text: '0' }, { text: 'exited with 0' }],
  [{ text: 'a-long-name' }, { text: '137' }, { text: 'ended by SIGKILL' }],
];

it('aligns columns, numbers to the right, and cuts only the last', () => {
  expect(table(columns, rows, { width: 30, paint: plain })).toEqual(
    ['exec         status  how', 'web               0  exited wi', 'a-long-name     137  ended by '].map(
      (line) => line.trimEnd(),
    ),
  );
});

it('counts widths without colours', () => {
  const paint = (_: string, text: string) => `<${text}>`;
  const painted = table(
    columns,
    [
      [
        { text: 'web', colour: 'bold' },
        { text: '0', colour: 'red' },
      ],
    ],
    { width: 80, paint },
  );
  expect(painted.map((line) => line.replaceAll(/[<>]/g, ''))).toEqual(['exec  status  how', 'web        0']);
});
