import { word } from '../../parse/index.ts';
import type { QdiscKind } from '../kind.ts';
import { formatSize, parseSize } from '../units/index.ts';
import { helpWord, readValue, readWords, refuse, type TcWord } from './words.ts';

const USAGE = 'Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n';

/** `tc qdisc … pfifo`, `bfifo`, `pfifo_head_drop`. Source: iproute2 tc/q_fifo.c */
export function fifo(id: string): QdiscKind {
  const words: readonly TcWord<{ limit?: number }>[] = [
    word('limit NUMBER', (o, args) => {
      o.limit = readValue(args, parseSize, (t) => `${id}: Illegal value for "limit": "${t}"\n`);
    }),
    helpWord(USAGE),
  ];
  return {
    words,
    parse: (ctx, args, dev) => {
      const o: { limit?: number } = {};
      readWords(args, words, o, { ctx, dev }, (typed) => {
        throw refuse(`${id}: unknown parameter "${typed}"\n${USAGE}`);
      });
      return o.limit === undefined ? undefined : o;
    },
    print: ({ printer }, o) => {
      if (id !== 'bfifo') printer.field('limit', 'limit %up', Number(o.limit));
      else if (printer.isJson) printer.json('limit', Number(o.limit));
      else printer.text(`limit ${formatSize(Number(o.limit))}`);
    },
  };
}
