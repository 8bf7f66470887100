import type { QdiscKind } from '../kind.ts';
import { formatSize, parseSize } from '../units/index.ts';
import { readValue, readWords, refuse } from './words.ts';

const USAGE = 'Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n';

/** `tc qdisc … pfifo`, `bfifo`, `pfifo_head_drop`. Source: iproute2 tc/q_fifo.c */
export function fifo(id: string): QdiscKind {
  return {
    parse: (_ctx, args) => {
      let limit: number | undefined;
      const words = [
        {
          words: ['limit'],
          read: () => {
            limit = readValue(args, parseSize, (t) => `${id}: Illegal value for "limit": "${t}"\n`);
          },
        },
        {
          words: ['help'],
          read: () => {
            throw refuse(USAGE);
          },
        },
      ];
      readWords(args, words, (word) => {
        throw refuse(`${id}: unknown parameter "${word}"\n${USAGE}`);
      });
      return limit === undefined ? undefined : { limit };
    },
    print: ({ printer }, o) => {
      if (id !== 'bfifo') printer.field('limit', 'limit %up', Number(o.limit));
      else if (printer.isJson) printer.json('limit', Number(o.limit));
      else printer.text(`limit ${formatSize(Number(o.limit))}`);
    },
  };
}
