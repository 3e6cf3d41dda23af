import { describe, expect, it } from '@jest/globals';
import { dock } from '../../../src/cli/terminal/dock.js';

const dockOn = (height: number) => {
  const writes: string[] = [];
  const size = { width: 80, height };
  const canvas = dock({ write: (text) => writes.push(text), size: () => size }, 2);
  return { canvas, writes, size };
};

describe('a picture at the bottom of a shared terminal', () => {
  it('first makes room, then keeps what scrolls above it, and puts the cursor back, all in one write', () => {
    const { canvas, writes } = dockOn(24);
    canvas.draw(['axis', 'life']);
    expect(writes).toEqual([
      '\n\n\x1b[2A\x1b7\x1b[1;22r\x1b[23;1H\x1b[0maxis\x1b[K\x1b[24;1H\x1b[0mlife\x1b[K\x1b8',
    ]);
  });

  it('takes no more room when it is drawn again', () => {
    const { canvas, writes } = dockOn(24);
    canvas.draw(['axis', 'life']);
    canvas.draw(['axis', 'life', 'one too many']);
    expect(writes[1]?.startsWith('\x1b7\x1b[1;22r')).toBe(true);
    expect(writes[1]).not.toContain('one too many');
  });

  it('moves with the bottom, and wipes itself where it was', () => {
    const { canvas, writes, size } = dockOn(24);
    canvas.draw(['axis', 'life']);
    size.height = 40;
    canvas.draw(['axis', 'life']);
    expect(writes[1]).toContain('\x1b[23;1H\x1b[J');
    expect(writes[1]).toContain('\x1b[1;38r\x1b[39;1H');
  });

  it('leaves a terminal that scrolls as a whole, with the last picture in the flow of the text', () => {
    const { canvas, writes } = dockOn(24);
    canvas.draw(['axis', 'life']);
    canvas.end(['axis', 'end']);
    expect(writes[1]).toBe('\x1b7\x1b[r\x1b[23;1H\x1b[J\x1b8\r\naxis\r\nend\r\n');
  });

  it('writes nothing to wipe when it was never drawn', () => {
    const { canvas, writes } = dockOn(24);
    canvas.end();
    expect(writes.join('')).toBe('');
  });
});
