import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { familyOf, formatInet, parseInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { gaiStrerror, resolve, reverse } from '../resolver/index.ts';
import { defaultTrace, openProber, TracerouteError } from '../traceroute/index.ts';
import { MtrError, type MtrOptions, readOptions } from './options.ts';
import { Path, type PathListener } from './path.ts';
import { csv, json, report, split, startLine, xml } from './report.ts';

/** mtr(8), without its screen. Source: mtr 0.95, ui/mtr.c */
export async function mtr(proc: Process): Promise<number> {
  try {
    const options = readOptions(proc.argv.slice(1));
    if ('text' in options) {
      await (options.status === 0 ? proc.out(options.text) : proc.err(options.text));
      return options.status;
    }
    let status = 0;
    for (const host of options.hosts) if (!(await trace(proc, options, host))) status = 1;
    return options.hosts.length === 1 ? status : 0;
  } catch (e) {
    if (!(e instanceof MtrError || e instanceof TracerouteError)) throw e;
    await proc.err(`mtr: ${e.message}\n`);
    return 1;
  }
}

/** @returns whether the host has an address */
async function trace(proc: Process, o: MtrOptions, host: string): Promise<boolean> {
  const found = await resolve(proc, host, o.family);
  if ('error' in found) {
    await proc.err(`mtr: Failed to resolve host: ${host}: ${gaiStrerror(found.error)}\n`);
    return false;
  }
  const to = found.addrs[0] as SockAddr;
  const started = proc.machine.wallClock;
  if (o.output === 'report') await proc.out(startLine(proc));
  const path = pathTo(proc, o, to);
  await path.run();
  const text = await tell(proc, o, path, host, started);
  await proc.out(text);
  return true;
}

function pathTo(proc: Process, o: MtrOptions, to: SockAddr): Path {
  const family = familyOf(to.addr);
  const source = o.source === undefined ? undefined : parseInet(o.source);
  if (o.source !== undefined && source === undefined)
    throw new MtrError(`could not use source address ${o.source}`);
  const header = family === 'inet' ? 20 : 40;
  const options = { ...defaultTrace(), method: o.method, port: o.port, device: o.device };
  const prober = openProber({
    proc,
    options: { ...options, tos: o.tos },
    to,
    family,
    source: source as InetAddr | undefined,
    payload: Math.max(8, o.size - header),
    ipOptions: new Uint8Array(0),
  });
  return new Path(proc, o, prober, to.addr, o.output === 'raw' ? rawOutput(proc, o) : {});
}

/** Lines as things happen. raw_rawping(), raw_rawhost(), raw_rawxmit() */
function rawOutput(proc: Process, o: MtrOptions): PathListener {
  return {
    sent: (at, seq) => proc.out(`x ${at} ${RAW_FIRST + seq}\n`),
    answered: async (at, hop, first, seq) => {
      if (first && hop.addr !== undefined) {
        await proc.out(`h ${at} ${formatInet(hop.addr)}\n`);
        const name = o.numeric ? undefined : (await reverse(proc, hop.addr))?.name;
        if (name !== undefined) await proc.out(`d ${at} ${name}\n`);
      }
      await proc.out(`p ${at} ${hop.last} ${RAW_FIRST + seq}\n`);
    },
  };
}

/** The first sequence number. MinSequence */
const RAW_FIRST = 33_000;

function tell(
  proc: Process,
  o: MtrOptions,
  path: Path,
  host: string,
  started: number,
): Promise<string> | string {
  switch (o.output) {
    case 'json':
      return json(proc, o, path, host);
    case 'xml':
      return xml(proc, o, path, host);
    case 'csv':
      return csv(proc, o, path, host, started);
    case 'split':
      return split(proc, o, path);
    case 'raw':
      return '';
    default:
      return report(proc, o, path);
  }
}
