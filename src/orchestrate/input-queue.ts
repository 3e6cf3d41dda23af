/** Input that is typed as a program runs. */

export interface InputQueue {
  /** For the `input` of a run. Ends after `end`. */
  readonly input: AsyncIterable<string>;
  push(text: string): void;
  end(): void;
}

export const inputQueue = (): InputQueue => {
  const texts: string[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const wakeUp = (): void => {
    wake?.();
    wake = undefined;
  };
  const input: AsyncIterator<string, undefined> = {
    next: async () => {
      while (texts.length === 0 && !ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const value = texts.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      ended = true;
      wakeUp();
      return { done: true, value: undefined };
    },
  };
  return {
    input: { [Symbol.asyncIterator]: () => input },
    push: (text) => {
      texts.push(text);
      wakeUp();
    },
    end: () => {
      ended = true;
      wakeUp();
    },
  };
};
