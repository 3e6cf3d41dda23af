export const openFifo = (_path: string, _direction: 'read' | 'write'): number => {
  throw new Error('under construction');
};
