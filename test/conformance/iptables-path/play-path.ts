import { SEC } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';
import { linkAdd } from '@labwire/devices/rtnetlink';
import type { Row, RowResult, Verdict } from '../conformance-set.ts';
import { ConformanceHost, type Ran } from '../host.ts';
import { addrText, type Flow, playFlow, type Seen } from './flow.ts';

/** A side of the veth. */
interface Side {
  readonly iface: string;
  readonly addrs: readonly string[];
  readonly default_via: readonly string[];
}

/** A row: rules, and flows that they meet. */
export interface PathRow extends Row {
  readonly family: 4 | 6;
  readonly tool: string;
  readonly topology: {
    readonly dut: Side;
    readonly peer: Side;
    readonly sysctl_dut?: readonly string[];
  };
  readonly rules: readonly {
    readonly table: string;
    readonly args: string;
    readonly expect_error?: boolean;
  }[];
  readonly flows: readonly Flow[];
}

/** Until link-local addresses may be used: duplicate address detection takes up to two seconds. */
const SETTLING = 3 * SEC;

const host: ConformanceHost = new ConformanceHost();

async function setUp(netns: Netns, side: Side): Promise<void> {
  const commands = [
    ...side.addrs.map(
      (a) => `ip addr add ${a} dev ${side.iface}${a.includes(':') ? ' nodad' : ''}`,
    ),
    `ip link set ${side.iface} up`,
  ];
  for (const command of commands) await mustRun(netns, command);
}

/** Routes go in once both ends are up. */
async function route(netns: Netns, side: Side): Promise<void> {
  for (const via of side.default_via)
    await mustRun(netns, `ip ${via.includes(':') ? '-6 ' : ''}route add default via ${via}`);
}

async function mustRun(netns: Netns, command: string): Promise<void> {
  const { code, err } = await host.shell(netns, command);
  if (code !== 0) throw new Error(`${command}: ${err}`);
}

/** Two namespaces on one veth, as the row has them. */
async function build({ topology }: PathRow): Promise<{ dut: Netns; peer: Netns }> {
  const { dut: left, peer: right, sysctl_dut: sysctls = [] } = topology;
  const [dut, peer] = [host.freshNetns(), host.freshNetns()];
  linkAdd(dut, { kind: 'veth', name: left.iface, peer: { name: right.iface, netns: peer } });
  await setUp(dut, left);
  await setUp(peer, right);
  await route(dut, left);
  await route(peer, right);
  for (const s of sysctls) await mustRun(dut, `sysctl -w ${s}`);
  await host.sim.run(host.sim.now + SETTLING);
  return { dut, peer };
}

function flowText({ result, from, originalDst }: Seen, asked: Flow): string {
  const parts: string[] = [result];
  if (asked.src !== undefined) parts.push(`src ${from && addrText(from.addr)}`);
  if (asked.sport !== undefined) parts.push(`sport ${from?.port}`);
  if (asked.orig_dst !== undefined)
    parts.push(`orig_dst ${originalDst && `${addrText(originalDst.addr)}:${originalDst.port}`}`);
  return parts.join(' ');
}

function wantText({ expect, src, sport, orig_dst }: Flow): string {
  const parts: string[] = [expect];
  if (src !== undefined) parts.push(`src ${src}`);
  if (sport !== undefined) parts.push(`sport ${sport}`);
  if (orig_dst !== undefined) parts.push(`orig_dst ${orig_dst}`);
  return parts.join(' ');
}

function isRefusal({ code, err }: Ran): boolean {
  return code !== 0 && err.includes('Labwire');
}

/** Applies a row's rules and plays its flows. */
export async function playPath(row: PathRow): Promise<RowResult> {
  const ends = await build(row);
  const group = `IPv${row.family}`;
  const got: string[] = [];
  const want: string[] = [];
  for (const { table, args, expect_error: mustFail = false } of row.rules) {
    const ran = await host.shell(ends.dut, `${row.tool} -t ${table} ${args}`);
    if (!mustFail && isRefusal(ran))
      return { result: 'refused', got: ran.err.trim(), want: args, group, figures: {} };
    got.push(
      (ran.code !== 0) === mustFail ? 'rule ok' : `rule exits ${ran.code}: ${ran.err.trim()}`,
    );
    want.push('rule ok');
  }
  for (const flow of row.flows) {
    const family = row.family === 4 ? 'inet' : 'inet6';
    got.push(flowText(await playFlow(host.sim, ends, flow, family), flow));
    want.push(wantText(flow));
  }
  for (const netns of [ends.dut, ends.peer]) netns.unref();
  const result: Verdict = got.join() === want.join() ? 'right' : 'wrong';
  return { result, got: got.join(', '), want: want.join(', '), group, figures: {} };
}
