import type { LogTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { saveString } from '../core/quote.ts';

/** Longest prefix that the kernel's structure holds. */
const PREFIX_MAX = 29;
const DEFAULT_LEVEL = 4;
/** Levels by number, as syslog.h names them. */
const LEVEL_NAMES = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

type Flag = 'tcpSequence' | 'tcpOptions' | 'ipOptions' | 'uid' | 'macdecode';
/** Flags: field, name, bit. xt_LOG.h */
const FLAGS: readonly (readonly [Flag, string, number])[] = [
  ['tcpSequence', 'tcp-sequence', 0x01],
  ['tcpOptions', 'tcp-options', 0x02],
  ['ipOptions', 'ip-options', 0x04],
  ['uid', 'uid', 0x08],
  ['macdecode', 'macdecode', 0x20],
];

type State = { -readonly [K in Exclude<keyof LogTarget, 'kind'>]: LogTarget[K] };

function printed(t: LogTarget, numeric: boolean): string {
  const set = FLAGS.filter(([field]) => t[field]);
  if (numeric) return ` flags ${set.reduce((n, f) => n | f[2], 0)} level ${t.level}`;
  return ` level ${LEVEL_NAMES[t.level]}${set.map((f) => ` ${f[1]}`).join('')}`;
}

/** `-j LOG`. extensions/libxt_LOG.c */
export const log: TargetExtension = defineTarget<LogTarget, State>({
  name: 'LOG',
  kinds: ['LOG'],
  options: [
    { name: 'log-level', type: 'sysloglevel' },
    { name: 'log-prefix', type: 'string', min: 1 },
    ...FLAGS.map(([, name]) => ({ name: `log-${name}`, type: 'none' as const })),
  ],
  init: () => ({
    level: DEFAULT_LEVEL,
    prefix: '',
    tcpSequence: false,
    tcpOptions: false,
    ipOptions: false,
    uid: false,
    macdecode: false,
  }),
  parse: ({ name, value }, state) => {
    if (name === 'log-level') state.level = value.num;
    else if (name === 'log-prefix') {
      if (value.text.includes('\n')) throw parameterProblem('Newlines not allowed in --log-prefix');
      state.prefix = value.text.slice(0, PREFIX_MAX);
    } else for (const [field, flag] of FLAGS) if (name === `log-${flag}`) state[field] = true;
  },
  finish: (state) => ({ kind: 'LOG', ...state }),
  print: (t, { numeric }) =>
    ` LOG${printed(t, numeric)}${t.prefix === '' ? '' : ` prefix "${t.prefix}"`}`,
  save: (t) =>
    (t.prefix === '' ? '' : ` --log-prefix${saveString(t.prefix)}`) +
    (t.level === DEFAULT_LEVEL ? '' : ` --log-level ${t.level}`) +
    FLAGS.filter(([field]) => t[field])
      .map(([, name]) => ` --log-${name}`)
      .join(''),
});
