/** Sends what a daemon sent on a connection, in the manner of a variant, and takes what its client sends. */
import type { Socket } from 'node:net';
import { frameOf } from './fake-daemon.js';
import type { Traffic } from './lives.js';
import type { Variant } from './variants.js';

export interface Replayed {
  readonly sent: number;
  readonly wasCut: boolean;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param vanish takes the daemon away. */
export const replayTraffic = async (
  socket: Socket,
  traffic: readonly Traffic[],
  variant: Variant,
  vanish: () => Promise<void>,
): Promise<Replayed> => {
  let received = 0;
  let hasEnded = false;
  socket.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  socket.on('end', () => {
    hasEnded = true;
  });
  let wanted = 0;
  let sent = 0;
  let joined: Buffer[] = [];
  const flush = (): void => {
    if (joined.length > 0) socket.write(Buffer.concat(joined));
    joined = [];
  };
  const isCut = (): boolean => 'after' in variant && sent >= variant.after;
  for (const { dir, type, bytes } of traffic) {
    if (isCut()) break;
    if (dir !== 'in') {
      flush();
      if (dir === 'out') wanted += bytes.length;
      while (!socket.destroyed && (dir === 'out' ? received < wanted : !hasEnded)) await turn();
      continue;
    }
    const frame = frameOf(type, bytes);
    sent += 1;
    if (variant.kind === 'faster') joined.push(frame);
    else if (variant.kind === 'slower') {
      const size = Math.max(1, Math.ceil(frame.length / 12));
      for (let at = 0; at < frame.length; at += size) {
        socket.write(frame.subarray(at, at + size));
        await turn();
        await turn();
      }
    } else {
      socket.write(frame);
      await turn();
    }
  }
  flush();
  if (!('after' in variant)) {
    socket.end();
    return { sent, wasCut: false };
  }
  // What was written is to arrive: only what comes afterwards is lost.
  for (let turns = 0; turns < 50 && socket.writableLength > 0; turns += 1) await turn();
  await new Promise((resolve) => setTimeout(resolve, 5));
  if (variant.kind === 'restart') await vanish();
  else socket.destroy();
  return { sent, wasCut: true };
};
