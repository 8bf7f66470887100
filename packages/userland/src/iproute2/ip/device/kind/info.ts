import type { BridgeId, InetAddr, LinkInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../../context/index.ts';

/** IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA as a device tells it. */
export type Info = NonNullable<LinkInfo['infoData']>;

/** One attribute: how it is called and shown. Rows whose attribute a device does not tell are skipped. */
export interface InfoRow {
  /** The attribute's name. */
  readonly attr: string;
  /** Its key in JSON. Default: its name. */
  readonly key?: string;
  /** What stands before its value in the text. Default: its name. */
  readonly words?: string;
  /** How its value is written: a number, on or off, hexadecimal, a bridge id, a timer; or a function that prints it. */
  readonly as?: 'number' | 'onOff' | 'hex' | 'bridgeId' | 'timer' | InfoPrinter;
}

/** Prints one attribute's value. */
export type InfoPrinter = (ctx: Context, value: unknown, info: Info) => void;

/** `8000.2:0:0:0:0:1`: ether_ntoa(3) drops leading zeros. Source: iproute2 ip/iplink_bridge.c, br_dump_bridge_id(). */
export function formatBridgeId(id: BridgeId): string {
  const hex = id.addr.toString(16).padStart(12, '0');
  const bytes = [0, 2, 4, 6, 8, 10].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  return `${id.prio.toString(16).padStart(4, '0')}.${bytes.map((b) => b.toString(16)).join(':')}`;
}

/** Prints a timer: hundredths of a second. Source: ip/iplink_bridge.c, _bridge_print_timer(). */
function printTimer(ctx: Context, key: string, hundredths: number): void {
  const seconds = Math.floor(hundredths / 100);
  const fraction = String(hundredths % 100).padStart(2, '0');
  if (ctx.printer.isJson) ctx.printer.jsonRaw(key, `${seconds}.${fraction}`);
  else ctx.printer.text(`${key} ${String(seconds).padStart(4)}.${fraction} `);
}

/** Prints the attributes of `rows` that there are, each followed by a space. */
export function printInfo(ctx: Context, rows: readonly InfoRow[], info: Info): void {
  for (const row of rows) {
    const value = info[row.attr];
    if (value !== undefined) printRow(ctx, row, value, info);
  }
}

function printRow(ctx: Context, row: InfoRow, value: unknown, info: Info): void {
  const { printer } = ctx;
  const key = row.key ?? row.attr;
  const words = row.words ?? row.attr;
  const as = row.as ?? 'number';
  if (typeof as === 'function') as(ctx, value, info);
  else if (as === 'number') printer.field(key, `${words} %u `, Number(value));
  else if (as === 'onOff') printer.onOff(key, `${words} %s `, Boolean(value));
  else if (as === 'hex') printer.hex(key, `${words} %#x `, Number(value));
  else if (as === 'timer') printTimer(ctx, key, Number(value));
  else printer.field(key, `${words} %s `, formatBridgeId(value as BridgeId));
}

/** What a kind's options are read into: attributes by name, as {@link Info}. */
export type InfoRequest = Record<string, unknown>;

/** Whether an address is all zeros. */
export function isAnyAddr(addr: InetAddr): boolean {
  return typeof addr === 'number' ? addr === 0 : (addr.w0 | addr.w1 | addr.w2 | addr.w3) === 0;
}
