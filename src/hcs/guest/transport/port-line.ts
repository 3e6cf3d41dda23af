/** The line by which a connection on a socket without ports says which port is meant. */
import type { Socket } from 'node:net';

export const portLine = (port: number): string => `CONNECT ${port}\n`;

/** `CONNECT 4294967295\n`, and no longer. */
const longest = 19;

/**
 * Calls back with the port once the line has come; what follows it stays to be read. Whoever says anything else, or goes
 * away first, is dropped.
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
  // It must have a listener to the last; who takes the connection over adds his own.
  socket.on('error', () => undefined);
};
