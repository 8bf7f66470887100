import { TC_H_ROOT } from '@labwire/devices/qdisc';

const HALF = 0x1_0000;

/** Hexadecimal digits at the beginning as strtoul(3) reads them, and what is behind them. */
function hex(text: string): { value: number; rest: string } | undefined {
  const m = /^(?:0[xX])?([0-9a-fA-F]+)(.*)$/s.exec(text);
  return m === null
    ? undefined
    : { value: Number.parseInt(m[1] as string, 16), rest: m[2] as string };
}

/** Reads `1:` or `1`. Source: iproute2 tc/tc_util.c, get_qdisc_handle(). @returns undefined if it is none */
export function parseQdiscHandle(text: string): number | undefined {
  if (text === 'none') return 0;
  const major = hex(text);
  if (major === undefined || major.value >= HALF) return undefined;
  return major.rest === '' || major.rest.startsWith(':') ? major.value * HALF : undefined;
}

/** Reads `1:10`, `:10`, `root` or `none`. Source: tc/tc_util.c, get_tc_classid(). @returns undefined if it is none */
export function parseClassid(text: string): number | undefined {
  if (text === 'root') return TC_H_ROOT;
  if (text === 'none') return 0;
  const major = hex(text) ?? { value: 0, rest: text };
  if (major.rest === '') return major.value;
  if (!major.rest.startsWith(':') || major.value >= HALF) return undefined;
  const tail = major.rest.slice(1);
  const minor = tail === '' ? { value: 0, rest: '' } : hex(tail);
  if (minor === undefined || minor.rest !== '' || minor.value >= HALF) return undefined;
  return major.value * HALF + minor.value;
}

/** Writes a handle. Source: tc/tc_util.c, print_tc_classid(). */
export function classidText(handle: number): string {
  if (handle === TC_H_ROOT) return 'root';
  if (handle === 0) return 'none';
  const [major, minor] = [Math.floor(handle / HALF), handle % HALF];
  if (major === 0) return `:${minor.toString(16)}`;
  return minor === 0 ? `${major.toString(16)}:` : `${major.toString(16)}:${minor.toString(16)}`;
}
