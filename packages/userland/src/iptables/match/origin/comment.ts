import type { CommentMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { saveString } from '../../core/quote.ts';

/** Bytes of a comment, its end included. XT_MAX_COMMENT_LEN */
const COMMENT_SIZE = 256;

/** `-m comment`. extensions/libxt_comment.c */
export const comment: MatchExtension = defineMatch<CommentMatch, { match: CommentMatch }>({
  name: 'comment',
  kinds: ['comment'],
  options: [{ name: 'comment', type: 'string', mandatory: true }],
  init: () => ({ match: { kind: 'comment', comment: '' } }),
  parse({ value }, state) {
    state.match = { kind: 'comment', comment: value.text.slice(0, COMMENT_SIZE - 1) };
  },
  finish: (state) => state.match,
  print: (m) => ` /* ${m.comment} */`,
  save: (m) => ` --comment${saveString(m.comment)}`,
});
