import type { SocketMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';

type State = { -readonly [K in keyof SocketMatch]: SocketMatch[K] };

const FLAGS = {
  transparent: 'transparent',
  nowildcard: 'nowildcard',
  'restore-skmark': 'restoreSkmark',
} as const;
const NAMES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];

function save(m: SocketMatch): string {
  return NAMES.filter((n) => m[FLAGS[n]])
    .map((n) => ` --${n}`)
    .join('');
}

/** `-m socket`. extensions/libxt_socket.c */
export const socket: MatchExtension = defineMatch<SocketMatch, State>({
  name: 'socket',
  kinds: ['socket'],
  options: NAMES.map((name) => ({ name, type: 'none' })),
  init: () => ({ kind: 'socket', transparent: false, nowildcard: false, restoreSkmark: false }),
  parse({ name }, state) {
    state[FLAGS[name as keyof typeof FLAGS]] = true;
  },
  finish: (state) => state,
  print: (m) => ` socket${save(m)}`,
  save,
});
