/** Where FTP tells of a data connection. RFC 959, RFC 2428; Linux net/netfilter/nf_conntrack_ftp.c, search[] */
import { formatIpv4, type Ipv4Addr, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import type { InetAddr } from '../../rtnetlink/types.ts';

/** The four ways of saying it. */
export type FtpCommandKind = 'PORT' | 'PASV' | 'EPRT' | 'EPSV';

/** An address and a port, and where in the text they stand. */
export interface FtpCommand {
  readonly kind: FtpCommandKind;
  /** Undefined: the speaker's own. */
  readonly addr: InetAddr | undefined;
  readonly port: number;
  readonly at: number;
  readonly length: number;
}

interface Search {
  readonly kind: FtpCommandKind;
  readonly word: string;
  readonly before: RegExp;
  readonly value: RegExp;
  readonly read: (m: RegExpExecArray) => { addr: InetAddr | undefined; port: number } | undefined;
}

const SIX = '(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3})';

function six(m: RegExpExecArray): { addr: InetAddr; port: number } | undefined {
  const n = m.slice(1, 7).map(Number);
  if (n.some((v) => v > 255)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = n;
  return { addr: ((a << 24) | (b << 16) | (c << 8) | d) as Ipv4Addr, port: high * 256 + low };
}

function extended(m: RegExpExecArray): { addr: InetAddr | undefined; port: number } | undefined {
  const [, , proto, host = '', digits] = m;
  const port = Number(digits);
  const addr = proto === '1' ? parseIpv4(host) : parseIpv6(host);
  return addr === undefined || port === 0 || port > 65_535 ? undefined : { addr, port };
}

function passive(m: RegExpExecArray): { addr: undefined; port: number } | undefined {
  const port = Number(m[2]);
  return port === 0 || port > 65_535 ? undefined : { addr: undefined, port };
}

/** By direction: what a client says, what a server says. */
const SEARCHES: readonly (readonly Search[])[] = [
  [
    {
      kind: 'PORT',
      word: 'PORT',
      before: /^PORT[^ ]* /i,
      value: new RegExp(`^${SIX}(?=\\r)`),
      read: six,
    },
    {
      kind: 'EPRT',
      word: 'EPRT',
      before: /^EPRT[^ ]* /i,
      value: /^([^\d\s])([12])\1([^|\s]*?)\1(\d{1,5})\1/,
      read: extended,
    },
  ],
  [
    {
      kind: 'PASV',
      word: '227 ',
      before: /^227 \D*/,
      value: new RegExp(`^${SIX}(?=\\D)`),
      read: six,
    },
    {
      kind: 'EPSV',
      word: '229 ',
      before: /^229 [^(]*\(/,
      value: /^([^\d\s])\1\1(\d{1,5})\1/,
      read: passive,
    },
  ],
];

/** @returns 'partial' for a command whose end is in another segment; undefined if there is none */
export function findFtpCommand(dir: 0 | 1, text: string): FtpCommand | 'partial' | undefined {
  for (const { kind, word, before, value, read } of SEARCHES[dir] as readonly Search[]) {
    if (text.length <= word.length) {
      if (text !== '' && word.startsWith(text.toUpperCase())) return 'partial';
      continue;
    }
    const head = before.exec(text);
    if (head === null) continue;
    const m = value.exec(text.slice(head[0].length));
    if (m === null) return text.endsWith('\n') ? undefined : 'partial';
    const found = read(m);
    if (found !== undefined) return { kind, ...found, at: head[0].length, length: m[0].length };
  }
  return undefined;
}

/** What a command says of another place. `nf_nat_ftp_fmt_cmd()` */
export function formatFtpCommand(kind: FtpCommandKind, addr: InetAddr, port: number): string {
  if (kind === 'EPSV') return `|||${port}|`;
  const text = formatIpv4(addr as Ipv4Addr);
  if (kind === 'EPRT') return `|1|${text}|${port}|`;
  return `${text.replaceAll('.', ',')},${port >>> 8},${port & 0xff}`;
}
