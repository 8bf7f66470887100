import type { Process } from '../machine/index.ts';
import { ALWAYS_SHOWN, COUNTER_TEXTS } from './netstat-texts.ts';

/*
 * `netstat -s`: the kernel's counters in words. Source: net-tools statistics.c, process_fd(), printval()
 */

/** Tables by the protocols that show them; those of neither are always shown. */
const TABLES: Readonly<Record<string, 'tcp' | 'udp' | 'raw'>> = {
  Ip: 'raw',
  Icmp: 'raw',
  Tcp: 'tcp',
  TcpExt: 'tcp',
  Udp: 'udp',
};

/** Counters of ICMP messages by type come under one of two headings. */
const HISTOGRAM =
  /^(In|Out)(?:DestUnreachs|TimeExcds|ParmProbs|SrcQuenchs|Redirects|Echos|EchoReps|Timestamps|TimestampReps|AddrMasks|AddrMaskReps)$/;
const HEADINGS: Readonly<Record<string, string>> = {
  In: 'ICMP input histogram:',
  Out: 'ICMP output histogram:',
};

/** All tables, or those of these protocols. */
export async function showStatistics(
  proc: Process,
  protocols: ReadonlySet<string>,
): Promise<number> {
  const wanted = (title: string): boolean => {
    const protocol = TABLES[title];
    return protocols.size === 0 || protocol === undefined || protocols.has(protocol);
  };
  let text = '';
  const histogram = wanted('Icmp');
  for (const path of ['/proc/net/snmp', '/proc/net/netstat']) {
    const lines = proc.fs.readText(path).split('\n');
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [title = '', ...names] = (lines[at] as string).split(' ');
      const values = (lines[at + 1] as string).split(' ').slice(1);
      const table = title.replace(':', '');
      if (wanted(table)) text += showTable(table, names, values, histogram);
    }
  }
  await proc.out(text);
  return 0;
}

/** @param histogram whether a histogram came before */
function showTable(
  table: string,
  names: readonly string[],
  values: readonly string[],
  histogram: boolean,
): string {
  let text = `${table}:\n`;
  let under = table === 'IcmpMsg' && histogram ? 'Out' : '';
  for (const [i, name] of names.entries()) {
    const value = values[i] as string;
    const heading = table === 'Icmp' ? (HISTOGRAM.exec(name)?.[1] ?? '') : under;
    if (heading !== '' && heading !== under) text += `    ${HEADINGS[heading]}\n`;
    const shown = value !== '0' || ALWAYS_SHOWN[table]?.includes(name) === true;
    if (heading !== '' || shown) under = heading;
    if (!shown || name === 'DefaultTTL' || SETTINGS.has(name)) continue;
    const words = COUNTER_TEXTS[table]?.[name] ?? `${name}: %u`;
    text += `${heading === '' ? '    ' : '        '}${words.replace('%u', value)}\n`;
  }
  return text;
}

/** What the tables hold besides counters. */
const SETTINGS: ReadonlySet<string> = new Set(['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn']);
