/** A dialogue with programs that ask, over a real terminal. */
import { describe, expect as expectThat, it } from '@jest/globals';
import { filter, firstValueFrom, map, toArray } from 'rxjs';
import { local } from 'rxshim/local';
import { expect } from 'rxshim/orchestrate';

const asks =
  'printf "name: "; read name; stty -echo; printf "secret: "; read secret; stty echo; echo; echo "$name has $(printf %s "$secret" | wc -c)"';
const sh = (script: string): readonly string[] => ['sh', '-c', script];

describe('expect', () => {
  it('waits for each question and types the answer', async () => {
    const { stdout, status } = await expect(local(), sh(asks), [
      { see: 'name: ', send: 'bob\n' },
      { see: /secret: $/, send: 'hunter2\n' },
    ]);
    expectThat(status).toBe(0);
    expectThat(stdout).toContain('bob has 7');
    expectThat(stdout).not.toContain('hunter2');
  });

  it('says what it saw, and can answer by it', async () => {
    const script = 'echo "what is 3 times 4?"; read answer; echo "you said $answer"';
    const seen$ = expect(local(), sh(script), [
      { see: /what is (\d+) times (\d+)/, send: ([, a, b]) => `${Number(a) * Number(b)}\n` },
      { see: 'you said 12' },
    ]).pipe(
      filter((event) => event.kind === 'seen'),
      map(({ step, text }) => `${step} ${text}`),
      toArray(),
    );
    expectThat(await firstValueFrom(seen$)).toEqual(['0 what is 3 times 4', '1 you said 12']);
  });

  it('stops a program that does not ask in time, and says what it wrote', async () => {
    const silent = expect(local(), sh('echo hello; sleep 300'), [{ see: 'name: ' }], { stepTimeout: 2_000 });
    await expectThat(silent).rejects.toThrow(
      /^expect: step 0 \(name: \): not seen within 2000 ms; the last output: "hello/,
    );
  });

  it('fails when the program ends before', async () => {
    const short = expect(local(), sh('echo bye; exit 0'), [{ see: 'name: ' }]);
    await expectThat(short).rejects.toThrow(
      /^expect: step 0 \(name: \): it ended with status 0; the last output: "bye/,
    );
    const failing = expect(local(), sh('echo bye; exit 3'), [{ see: 'name: ' }]);
    await expectThat(failing).rejects.toMatchObject({
      kind: 'failedPrecondition',
      message: expectThat.stringMatching(
        /^expect: step 0 \(name: \): it ended with status 3; the last output: "bye/,
      ),
      cause: { name: 'RunError', result: { status: 3 } },
    });
  });
});
