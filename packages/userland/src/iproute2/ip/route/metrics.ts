import {
  type Args,
  invalidArgument,
  parseTimeRtt,
  parseUnsigned,
  unsupported,
} from '../../parse/index.ts';
import type { Printer } from '../../print/index.ts';

/** RTAX_* in their order, which is that of showing. Linux include/uapi/linux/rtnetlink.h. */
const METRICS = [
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'congctl',
  'fastopen_no_cookie',
] as const;

/** One RTAX_* metric's name. */
export type Metric = (typeof METRICS)[number];
/** RTAX_MTU, the number of the first one. */
const FIRST = 2;
/** Units of a millisecond in which the kernel has a metric. */
const TIME_UNITS: Readonly<Partial<Record<Metric, number>>> = { rtt: 8, rttvar: 4, rto_min: 1 };
/** RTAX_FEATURE_ECN */
const FEATURE_ECN = 1;

/** The metrics of a request: by name, and `lock`, a mask of those that are locked. */
export type Metrics = Record<string, number>;

/** How a metric's option is read. */
interface MetricOption {
  /** In full only. */
  readonly exact: boolean;
  /** Whether `lock` may come before the value. */
  readonly lockable: boolean;
  /** Largest value. */
  readonly max?: number;
  /** How messages call it. Default: its name. */
  readonly called?: string;
}

/** The options in the order in which an abbreviation is looked up. Source: iproute2 ip/iproute.c, iproute_modify(). */
export const METRIC_OPTIONS: ReadonlyMap<Metric, MetricOption> = new Map<Metric, MetricOption>([
  ['mtu', { exact: true, lockable: true }],
  ['hoplimit', { exact: true, lockable: true, max: 255 }],
  ['advmss', { exact: true, lockable: true, called: 'mss' }],
  ['reordering', { exact: false, lockable: true }],
  ['rtt', { exact: true, lockable: true }],
  ['rto_min', { exact: true, lockable: false }],
  ['window', { exact: false, lockable: true }],
  ['cwnd', { exact: false, lockable: true }],
  ['initcwnd', { exact: false, lockable: true }],
  ['initrwnd', { exact: false, lockable: true }],
  ['features', { exact: false, lockable: false }],
  ['quickack', { exact: false, lockable: false }],
  ['congctl', { exact: false, lockable: true }],
  ['rttvar', { exact: false, lockable: true }],
  ['ssthresh', { exact: false, lockable: true }],
]);
/** The one that is looked up after everything else. */
export const LAST_METRIC: Metric & 'fastopen_no_cookie' = 'fastopen_no_cookie';

/** Reads a metric's value, and `lock` before it. */
export function readMetric(args: Args, name: Metric, metrics: Metrics): void {
  const option = METRIC_OPTIONS.get(name);
  args.value();
  let locked = name === 'rto_min';
  if (option?.lockable === true && args.is('lock')) {
    locked = true;
    args.value();
  }
  metrics[name] = metricValue(name, option, args.word);
  if (locked) metrics.lock = (metrics.lock ?? 0) | (1 << (METRICS.indexOf(name) + FIRST));
}

function metricValue(name: Metric, option: MetricOption | undefined, text: string): number {
  if (name === 'congctl') throw unsupported('ip route congctl', 'net.ipv4.tcp_congestion_control');
  if (name === 'features') {
    if (text !== 'ecn') throw invalidArgument('"features" value not valid\n', text);
    return FEATURE_ECN;
  }
  const called = option?.called ?? name;
  const unit = TIME_UNITS[name];
  const time = unit === undefined ? undefined : parseTimeRtt(text);
  const value =
    unit === undefined
      ? parseUnsigned(text, option?.max)
      : time && (time.raw ? time.ms : time.ms * unit);
  if (value === undefined) throw invalidArgument(`"${called}" value is invalid\n`, text);
  if ((name === 'quickack' || name === LAST_METRIC) && value > 1)
    throw invalidArgument(`"${called}" value should be 0 or 1\n`, text);
  return value;
}

/** Prints the metrics of a route. Source: iproute2 ip/iproute.c, print_rta_metrics(). */
export function printMetrics(printer: Printer, metrics: Readonly<Metrics>): void {
  const lock = metrics.lock ?? 0;
  printer.openArray('metrics');
  printer.openObject();
  for (const [i, name] of METRICS.entries()) {
    const locked = (lock & (1 << (i + FIRST))) !== 0;
    const value = metrics[name];
    if (value === undefined && !locked) continue;
    if (name === 'hoplimit' && (value ?? 0) >>> 0 === 0xffff_ffff) continue;
    printer.text(`${name} ${locked ? 'lock ' : ''}`);
    printValue(printer, name, value ?? 0);
  }
  printer.closeObject();
  printer.closeArray();
}

function printValue(printer: Printer, name: Metric, value: number): void {
  const unit = TIME_UNITS[name];
  if (name === 'features') {
    if ((value & FEATURE_ECN) !== 0) printer.mark('ecn', 'ecn ');
    if ((value & ~FEATURE_ECN) !== 0) printer.hex('features', '%#x ', value);
  } else if (unit === undefined) printer.field(name, '%u ', value);
  else {
    const ms = Math.floor(value / unit);
    printer.json(name, ms);
    printer.text(ms >= 1000 ? `${Number((ms / 1000).toPrecision(6))}s ` : `${ms}ms `);
  }
}
