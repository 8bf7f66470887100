import { allocSkb } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { Segment } from './segment.ts';

it('does not read a header that is cut short, or that says it is longer than the packet', () => {
  const seg = new Segment();
  for (let len = 0; len <= 40; len++) {
    for (let words = 0; words < 16; words++) {
      const skb = allocSkb(40);
      skb.put(len);
      skb.buf.fill(0, skb.data, skb.data + 40);
      skb.buf[skb.data + 12] = words << 4;
      const fits = words >= 5 && words * 4 <= len;
      expect(seg.read(skb) === undefined).toBe(fits);
      if (fits) expect(seg.textLen).toBe(len - words * 4);
    }
  }
});
