import { describe, expect, it } from '@jest/globals';
import { mailbox } from '../../src/operators/mailbox.js';

describe('a mailbox', () => {
  it('delivers what is posted at once', () => {
    const { posted$, post } = mailbox<string>();
    const seen: string[] = [];
    posted$.subscribe((fact) => seen.push(fact));
    post('a');
    expect(seen).toEqual(['a']);
  });

  it('delivers in the order of posting, also what is posted while something is delivered', () => {
    const { posted$, post } = mailbox<string>();
    const seen: string[] = [];
    posted$.subscribe((fact) => {
      if (fact === 'a') {
        post('b');
        post('c');
      }
      if (fact === 'b') post('d');
      seen.push(fact);
    });
    post('a');
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is for one subscriber: what is posted before it is dropped', () => {
    const { posted$, post } = mailbox<string>();
    const seen: string[] = [];
    post('a');
    posted$.subscribe((fact) => seen.push(fact));
    post('b');
    expect(seen).toEqual(['b']);
  });

  it('finishes one delivery before it begins the next', () => {
    const { posted$, post } = mailbox<number>();
    let delivering = 0;
    posted$.subscribe((depth) => {
      delivering += 1;
      expect(delivering).toBe(1);
      if (depth < 5_000) post(depth + 1);
      delivering -= 1;
    });
    post(0);
    expect.assertions(5_001);
  });

  it('delivers what is already posted before it completes', () => {
    const { posted$, post, shut } = mailbox<string>();
    const seen: string[] = [];
    posted$.subscribe({
      next: (fact) => {
        seen.push(fact);
        if (fact !== 'a') return;
        post('b');
        shut();
        post('too late');
      },
      complete: () => seen.push('|'),
    });
    post('a');
    post('later still');
    expect(seen).toEqual(['a', 'b', '|']);
  });

  it('completes at once when shut while nothing is delivered, and for later subscribers', () => {
    const { posted$, shut } = mailbox<string>();
    const seen: string[] = [];
    posted$.subscribe({ complete: () => seen.push('|') });
    shut();
    shut();
    posted$.subscribe({ complete: () => seen.push('| again') });
    expect(seen).toEqual(['|', '| again']);
  });

  it('keeps no subscriber that has left, not even during a delivery', () => {
    const { posted$, post } = mailbox<string>();
    const seen: string[] = [];
    const subscription = posted$.subscribe((fact) => {
      seen.push(fact);
      subscription.unsubscribe();
      post('b');
    });
    post('a');
    expect(seen).toEqual(['a']);
  });
});
