import type { QdiscKind } from '../kind.ts';
import { refuse } from './words.ts';

/** `tc qdisc … ingress`. Source: iproute2 tc/q_ingress.c */
export const INGRESS: QdiscKind = {
  parse: (_ctx, args) => {
    for (; !args.done; args.skip())
      if (args.is('handle')) args.value();
      else throw refuse(`What is "${args.word}"?\nUsage: ... ingress\n`);
    return undefined;
  },
  print: ({ printer }) => printer.text('---------------- '),
};

/** `tc qdisc … clsact`. Source: iproute2 tc/q_clsact.c */
export const CLSACT: QdiscKind = {
  parse: (_ctx, args) => {
    if (!args.done) throw refuse(`What is "${args.word}"?\nUsage: ... clsact\n`);
    return undefined;
  },
};
