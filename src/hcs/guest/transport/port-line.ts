/**
 * The first line of a connection on a socket without ports: it names the port.
 */
import type { Socket } from 'node:net';

export const portLine = (port: number): string => `CONNECT ${port}\n`;

/** The longest line is `CONNECT 4294967295\n`. */
const longest = 19;

/**
 * Calls back with the port when the line has arrived; the bytes after it stay unread. A connection that sends anything
 * else, or closes first, is dropped.
 */
export const readPortLine = (socket: Socket, done: (port: number) => void): void => {
  let line = Buffer.alloc(0);
  const drop = (): void => void socket.destroy();
  const read = (): void => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      line = Buffer.concat([line, chunk as Buffer]);
      const end = line.indexOf('\n');
      if (end < 0 && line.length <= longest) continue;
      const [, port] = /^CONNECT (\d{1,10})$/.exec(line.toString('latin1', 0, Math.max(end, 0))) ?? [];
      if (port === undefined) return drop();
      socket.off('readable', read);
      socket.off('end', drop);
      if (end + 1 < line.length) socket.unshift(line.subarray(end + 1));
      return done(Number(port));
    }
  };
  socket.on('readable', read);
  socket.once('end', drop);
  // An `error` event without a listener would be thrown. The new owner of the connection adds its own listener.
  socket.on('error', () => undefined);
};
