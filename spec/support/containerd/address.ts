import { connect, type Socket } from 'node:net';

/** Connects to what `start` answered, or what stands in the file `address`. */
export const dial = (reply: string): Socket => {
  const text = reply.trim();
  const address = text.startsWith('{') ? (JSON.parse(text) as { address: string }).address : text;
  return connect(address.replace(/^unix:\/\//, ''));
};
