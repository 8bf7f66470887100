import { parseIpv4 } from '@labwire/core/addr';
import { Simulator } from '@labwire/core/sim';
import type { SockInfo } from '@labwire/devices/sock';
import { describe, expect, it } from 'vitest';
import { Machine, type Process } from '../../machine/index.ts';
import { FilterParser } from './filter.ts';
import { formatTimer } from './row.ts';
import { parseStates, SS_ALL, stateBit } from './states.ts';
import { renderTable, type SsRow } from './table.ts';

const ROW: SsRow = ['tcp', 'LISTEN', '0     ', '1     ', '0.0.0.0:', '80', '0.0.0.0:', '*', ''];
const NARROW = { header: true, netid: false, state: true, screenWidth: undefined };

describe('the table', () => {
  it('is as narrow as its content in a pipe', () => {
    expect(renderTable([ROW], NARROW)).toBe(
      'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n' +
        'LISTEN 0      1            0.0.0.0:80        0.0.0.0:*          \n',
    );
  });

  it('fills the terminal, the odd characters going to the last columns', () => {
    const lines = renderTable([ROW], { ...NARROW, screenWidth: 80 }).split('\n');
    expect(lines.slice(0, 2).map((l) => l.length)).toEqual([80, 80]);
    expect(lines[0]).toBe(
      'State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port  Process  ',
    );
  });

  it('does not make room for what the last line says of its process, as the program does not', () => {
    const used: SsRow = [...ROW.slice(0, 8), ' users:(("nc",pid=7,fd=3))'] as unknown as SsRow;
    const head = (rows: SsRow[]) => renderTable(rows, NARROW).split('\n')[0];
    expect(head([used])).toMatch(/PortProcess$/);
    expect(head([used, used])).toMatch(/PortProcess {19}$/);
  });

  it('is nothing without head and rows', () => {
    expect(renderTable([], { ...NARROW, header: false })).toBe('');
  });
});

describe('timers', () => {
  it.each([
    [204, '204ms'],
    [1200, '1.200ms'],
    [32_500, '32sec'],
    [80_000, '1min20sec'],
    [660_000, '11min'],
  ])('%d ms are %s', (ms, text) => {
    expect(formatTimer(ms)).toBe(text);
  });
});

describe('states', () => {
  it('are read in any case, alone or as sets', () => {
    expect(parseStates('Established')).toBe(stateBit('ESTAB'));
    expect(parseStates('connected')).toBe(SS_ALL & ~(stateBit('UNCONN') | stateBit('LISTEN')));
    expect(() => parseStates('nosuch')).toThrow();
  });
});

function sock(local: string, lport: number, remote: string, rport: number): SockInfo {
  const addr = (text: string) => parseIpv4(text) ?? (0 as never);
  return {
    netid: 'tcp',
    state: 'ESTAB',
    recvQ: 0,
    sendQ: 0,
    local: { addr: addr(local), port: lport },
    remote: { addr: addr(remote), port: rport },
    family: 'inet',
    v6only: false,
    device: undefined,
    ino: 1,
    uid: 0,
    socket: undefined,
    timer: undefined,
    tcpInfo: undefined,
  };
}

describe('expressions', () => {
  const machine = new Machine(new Simulator(), { name: 'host', packages: [] });
  const proc: Process = machine.init;
  const shown = (...words: string[]) => {
    const filter = new FilterParser(proc, words, new Set(['tcp'])).parse();
    const socks = [
      sock('10.0.0.1', 22, '10.9.0.1', 5000),
      sock('10.0.0.1', 80, '10.9.0.2', 5001),
      sock('10.0.0.2', 443, '10.8.0.2', 5002),
    ];
    return socks.filter((s) => filter?.(s)).map((s) => s.local.port);
  };

  it.each<[string, number[]]>([
    ['sport = :80', [80]],
    ['sport 80', [80]],
    ['sport != :80', [22, 443]],
    ['sport >= :80', [80, 443]],
    ['( sport = :22 or sport = :443 )', [22, 443]],
    ['not sport = :22 and dst 10.9.0.0/16', [80]],
    ['dst 10.9.0.0/16 dport = 5000', [22]],
    ['src 10.0.0.2:443', [443]],
    ['src 10.0.0.1 or sport = :443 dport = 5002', [443]],
  ])('%s', (words, ports) => {
    expect(shown(...words.split(' '))).toEqual(ports);
    expect(shown(words)).toEqual(ports);
  });

  it.each(['(', 'sport >', 'or', 'sport = :80 )', '( sport = :80'])(
    '%j is no expression',
    (words) => {
      expect(() => shown(words)).toThrow(/exit 255/);
    },
  );
});
