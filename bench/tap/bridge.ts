import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Figure } from '../figure.ts';
import { flows, LAB, type Path, PEER } from './flow.ts';
import { ip, Places, type Running } from './places.ts';
import { cpuRatio, ratio, skipped, withoutOffloads } from './tap.ts';

/** Gives two TAP devices of a namespace, which a program holds, to two namespaces of their own. @returns the path between them */
async function between(
  places: Places,
  from: string,
  carrier: Running,
  [a, b]: readonly [string, string],
): Promise<Path> {
  const ends = [places.make(a), places.make(b)] as const;
  for (const [i, dev] of [a, b].entries()) {
    const netns = ends[i] as string;
    ip(`-n ${from} link set ${dev} netns ${netns}`);
    ip(`-n ${netns} addr add 10.1.0.${i + 1}/24 dev ${dev}`);
    ip(`-n ${netns} link set ${dev} up`);
  }
  await places.start(ends[1], ...PEER, 'serve', '5001').until(/ready/);
  return { netns: ends[0], host: '10.1.0.2', carrier };
}

async function lab(places: Places, a: string, b: string): Promise<Path> {
  const netns = places.make(`lab${a}`);
  const carrier = places.start(netns, ...LAB, 'bridge', `tap:${a}`, `tap:${b}`);
  await carrier.until(/ready/);
  return between(places, netns, carrier, [a, b]);
}

async function vde(places: Places, folder: string): Promise<Path> {
  const netns = places.make('vde');
  const sockets = ['-s', join(folder, 'switch'), '-M', join(folder, 'management')];
  const carrier = places.start(netns, 'vde_switch', ...sockets, '-t', 'va', '-t', 'vb');
  while (!existsSync(join(folder, 'management'))) await pause(50);
  return between(places, netns, carrier, ['va', 'vb']);
}

/** P13: two TAP devices joined by a bridge of a lab, beside vde_switch. */
export async function measureBridge(): Promise<Figure[]> {
  const what = 'two TAP devices in a bridge, of vde_switch';
  if (!Places.can('ethtool', 'vde_switch'))
    return [skipped('P13', what, 'needs root, network namespaces, ip, ethtool and vde_switch')];
  const places = new Places();
  const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  try {
    const [whole, frames] = [await lab(places, 'wa', 'wb'), await lab(places, 'fa', 'fb')];
    withoutOffloads(frames.netns, 'fa');
    const peer = await vde(places, folder);
    const [w, f, v] = await flows(places, [whole, frames, peer], true);
    if (w === undefined || f === undefined || v === undefined) return [];
    return [
      ratio('P13', `throughput of ${what}, frames of 1500`, f, v, 1),
      cpuRatio('P13', 'CPU of the relay, the same', f, v, 1),
      ratio('P13', `throughput of ${what}, super-segments`, w, v, 1),
      cpuRatio('P13', 'CPU of the relay, the same', w, v, 1),
    ];
  } finally {
    await places.end();
    rmSync(folder, { recursive: true });
  }
}
