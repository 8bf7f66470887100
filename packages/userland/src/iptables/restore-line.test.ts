import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saveString } from './core/quote.ts';
import { parseCounters, splitCounters, splitWords } from './restore-line.ts';

describe('splitWords', () => {
  it('gives back what iptables-save has quoted, whatever is in it', () => {
    const word = fc.string({ minLength: 1 }).filter((s) => !s.includes('\n'));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitWords(words.map((w) => saveString(w)).join(''))).toEqual(words);
      }),
    );
  });

  it('keeps an empty word in quotes and drops blanks around words', () => {
    expect(splitWords('  -m\tcomment --comment ""  ')).toEqual(['-m', 'comment', '--comment', '']);
  });

  it('takes a backslash outside quotes as it is', () => {
    expect(splitWords(String.raw`a\ b "c\"d"`)).toEqual(['a\\', 'b', 'c"d']);
  });
});

describe('counters', () => {
  it('stand in front of a rule, with or without a blank', () => {
    expect(splitCounters('[3:4]-A INPUT', 1)).toEqual({ counters: ['3', '4'], rest: '-A INPUT' });
    expect(splitCounters('-A INPUT', 1)).toEqual({ counters: [], rest: '-A INPUT' });
  });

  it.each(['[3:4 -A INPUT', '[3 -A INPUT ]'])('miss their end in %j', (text) => {
    expect(() => splitCounters(text, 7)).toThrow('Bad line 7: need ]');
  });

  it('of a chain are two numbers', () => {
    expect(parseCounters('[1:2]')).toEqual({ packets: 1, bytes: 2 });
    expect(parseCounters('[1]')).toBeUndefined();
  });
});
