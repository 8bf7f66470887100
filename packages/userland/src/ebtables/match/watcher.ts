import type { EbtLog, EbtNflog } from '@labwire/devices/bridge';
import { parameterProblem, strtoui } from '../../iptables/index.ts';
import { defineExtension, type EbtExtension } from '../extension.ts';

const LEVELS: readonly string[] = [
  'emerg',
  'alert',
  'crit',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
];
const LEVEL_NOTICE = 5;
/** Characters of a prefix. EBT_LOG_PREFIX_SIZE, EBT_NFLOG_PREFIX_SIZE */
const LOG_PREFIX_MAX = 29;
const NFLOG_PREFIX_MAX = 63;

function readPrefix(text: string): string {
  if (text.length > LOG_PREFIX_MAX) throw parameterProblem('Prefix too long');
  if (text.includes('"')) throw parameterProblem('Use of \\" is not allowed in the prefix');
  return text;
}

function readLevel(text: string): number {
  const level = /^(0x)?0*[0-7]$/i.test(text) ? Number.parseInt(text, 16) : LEVELS.indexOf(text);
  if (level < 0) throw parameterProblem('Problem with the log-level');
  return level;
}

/** `--log` … extensions/libebt_log.c */
export const log: EbtExtension = defineExtension<EbtLog>({
  name: 'log',
  options: [
    { names: ['log-prefix'], key: 'prefix' },
    { names: ['log-level'], key: 'level' },
    { names: ['log-arp'], key: 'arp', flag: true },
    { names: ['log-ip'], key: 'ip', flag: true },
    { names: ['log'], key: 'log', flag: true },
    { names: ['log-ip6'], key: 'ip6', flag: true },
  ],
  init: () => ({ kind: 'log', prefix: '', level: LEVEL_NOTICE, ip: false, arp: false, ip6: false }),
  parse(m, { key, text, invert }) {
    if (key === 'prefix') {
      if (invert) throw parameterProblem('Unexpected `!` after --log-prefix');
      m.prefix = readPrefix(text);
    } else if (key === 'level') m.level = readLevel(text);
    else {
      if (invert)
        throw parameterProblem(`Unexpected \`!' after --log${key === 'log' ? '' : `-${key}`}`);
      if (key !== 'log') m[key as 'ip' | 'arp' | 'ip6'] = true;
    }
  },
  print: (m) =>
    `--log-level ${LEVELS[m.level]}` +
    (m.prefix === '' ? '' : ` --log-prefix "${m.prefix}"`) +
    (m.ip ? ' --log-ip' : '') +
    (m.arp ? ' --log-arp' : '') +
    (m.ip6 ? ' --log-ip6' : '') +
    ' ',
});

/** A number from 1; the field that takes it in has `bits`. */
function readCount(text: string, option: string, bits: 16 | 32): number {
  const n = strtoui(text, 1, 0xffff_ffff);
  if (n === undefined) throw parameterProblem(`--nflog-${option} must be a number!`);
  return bits === 16 ? n & 0xffff : n;
}

/** `--nflog` … extensions/libebt_nflog.c */
export const nflog: EbtExtension = defineExtension<EbtNflog>({
  name: 'nflog',
  options: [
    { names: ['nflog-group'], key: 'group', once: true },
    { names: ['nflog-prefix'], key: 'prefix', once: true },
    { names: ['nflog-range'], key: 'range', once: true },
    { names: ['nflog-threshold'], key: 'threshold', once: true },
    { names: ['nflog'], key: 'nflog', flag: true, once: true },
  ],
  init: () => ({ kind: 'nflog', prefix: '', group: 1, range: 0, threshold: 1 }),
  parse(m, { key, text, invert }) {
    if (invert) throw parameterProblem("The use of '!' makes no sense for the nflog watcher");
    if (key === 'group' || key === 'threshold') m[key] = readCount(text, key, 16);
    else if (key === 'range') m.range = readCount(text, key, 32);
    else if (key === 'prefix') {
      if (text.length > NFLOG_PREFIX_MAX)
        throw parameterProblem('Prefix too long for nflog-prefix');
      m.prefix = text;
    }
  },
  print: (m) =>
    (m.prefix === '' ? '' : `--nflog-prefix "${m.prefix}" `) +
    (m.group === 0 ? '' : `--nflog-group ${m.group} `) +
    (m.range === 0 ? '' : `--nflog-range ${m.range} `) +
    (m.threshold === 1 ? '' : `--nflog-threshold ${m.threshold} `),
});
