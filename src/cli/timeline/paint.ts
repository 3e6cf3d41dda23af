/**
 * Colours, or none. Passed to the drawing code, so that only the caller looks at the output.
 */

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

export type Paint = (colour: Colour, text: string) => string;

const codes: Record<Colour, readonly [on: number, off: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

export const colours: Paint = (colour, text) => {
  const [on, off] = codes[colour];
  return text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`;
};

export const plain: Paint = (_, text) => text;
