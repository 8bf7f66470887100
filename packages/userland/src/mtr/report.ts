import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatDate } from '../coreutils/index.ts';
import { formatInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import type { MtrOptions } from './options.ts';
import type { Hop, Path } from './path.ts';

/** A column: its title, its width, and what stands in it. Source: mtr ui/mtr.c, data_fields[] */
interface Field {
  readonly title: string;
  readonly width: number;
  /** Digits behind the point; undefined for text. */
  readonly digits: number | undefined;
  /** Times are in microseconds and shown in milliseconds. */
  readonly time: boolean;
  value(hop: Hop): number;
}

const field = (
  title: string,
  width: number,
  value: (hop: Hop) => number,
  digits = 0,
  time = false,
): Field => ({ title, width, digits, time, value });
const ms = (title: string, value: (hop: Hop) => number, width = 6): Field =>
  field(title, width, value, 1, true);

/** Probes that were not answered; a CSV has their number under the blank, too. net_drop() */
const drops = (h: Hop): number => h.sent - h.transit - h.received;

const FIELDS: Readonly<Record<string, Field>> = {
  ' ': { title: ' ', width: 1, digits: undefined, time: false, value: drops },
  L: field('Loss%', 6, (h) => h.loss, 1),
  D: field('Drop', 5, drops),
  R: field('Rcv', 6, (h) => h.received),
  S: field('Snt', 6, (h) => h.sent),
  N: ms('Last', (h) => h.last),
  B: ms('Best', (h) => h.best),
  A: ms('Avg', (h) => h.mean),
  W: ms('Wrst', (h) => h.worst),
  V: ms('StDev', (h) => h.deviation),
  G: ms('Gmean', (h) => h.geometric),
  J: ms('Jttr', (h) => h.jitter, 5),
  M: ms('Javg', (h) => h.jitterMean, 5),
  X: ms('Jmax', (h) => h.jitterWorst, 5),
  I: ms('Jint', (h) => h.jitterInterval, 5),
};

/** Width of names in a report that is not wide. */
const NAME_WIDTH = 33;
const UNKNOWN = '???';

const shown = (f: Field, hop: Hop): number => (f.time ? f.value(hop) / 1000 : f.value(hop));

const fieldsOf = (o: MtrOptions): Field[] => [...o.fields].flatMap((c) => FIELDS[c] ?? []);

/** `%5.1f` of a time, `%4.1f%%` of a share, `%5d` of a number, behind a blank. */
function cell(f: Field, hop: Hop): string {
  if (f.digits === undefined) return ' ';
  const text = shown(f, hop).toFixed(f.digits);
  if (f.title === 'Loss%') return ` ${text.padStart(4)}%`;
  return ` ${text.padStart(f.width - 1)}`;
}

/** Puts texts behind each other, each over what reaches beyond the width of the one before. */
function columns(start: string, width: number, cells: readonly (readonly [string, number])[]) {
  let line = start.slice(0, width).padEnd(width);
  let at = width;
  for (const [text, size] of cells) {
    line = line.slice(0, at).padEnd(at) + text;
    at += size;
  }
  return line;
}

async function nameOf(proc: Process, o: MtrOptions, addr: InetAddr | undefined): Promise<string> {
  if (addr === undefined) return UNKNOWN;
  const ip = formatInet(addr);
  const name = o.numeric ? undefined : (await reverse(proc, addr))?.name;
  if (name === undefined) return ip;
  return o.showIps ? `${name} (${ip})` : name;
}

interface Row {
  readonly number: number;
  readonly name: string;
  readonly hop: Hop;
}

async function rowsOf(proc: Process, o: MtrOptions, path: Path): Promise<Row[]> {
  const rows: Row[] = [];
  for (let i = o.first - 1; i < path.length; i++) {
    const hop = path.hops[i] as Hop;
    rows.push({ number: i + 1, name: await nameOf(proc, o, hop.addr), hop });
  }
  return rows;
}

/** When a report begins. */
export function startLine(proc: Process): string {
  return `Start: ${formatDate('%Y-%m-%dT%H:%M:%S', proc.machine.wallClock)}+0000\n`;
}

/** The report of `-r` and `-w`. report_close() */
export async function report(proc: Process, o: MtrOptions, path: Path): Promise<string> {
  const rows = await rowsOf(proc, o, path);
  const fields = fieldsOf(o);
  const { hostname } = proc.machine;
  const longest = Math.max(hostname.length, ...rows.map((r) => r.name.length));
  const headWidth = o.wide ? longest + 6 : NAME_WIDTH;
  const rowWidth = o.wide ? longest + 8 : NAME_WIDTH;
  const head = fields.map((f) => [f.title.padStart(f.width), f.width] as const);
  const lines = [columns(`HOST: ${hostname}`, headWidth, head)];
  for (const { number, name, hop } of rows) {
    const start = `${String(number).padStart(3)}.|-- ${name}`;
    lines.push(
      columns(
        start,
        rowWidth,
        fields.map((f) => [cell(f, hop), f.width] as const),
      ),
    );
  }
  return lines.map((l) => `${l}\n`).join('');
}

/** A real number as the JSON library prints it with five digits. */
function real(n: number): string {
  const text = String(Number(n.toPrecision(5)));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** json_close() */
export async function json(
  proc: Process,
  o: MtrOptions,
  path: Path,
  target: string,
): Promise<string> {
  const hex = `0x${o.pattern.toString(16).toUpperCase().padStart(2, '0')}`;
  const hub = ({ number, name, hop }: Row): string => {
    const pairs = fieldsOf(o)
      .filter((f) => f.digits !== undefined)
      .map((f) => [f.title, f.digits === 0 ? String(f.value(hop)) : real(shown(f, hop))] as const);
    const all = [['count', String(number)], ['host', JSON.stringify(name)], ...pairs] as const;
    const lines = all.map(([k, v]) => `                "${k}": ${v}`);
    return `            {\n${lines.join(',\n')}\n            }`;
  };
  const rows = (await rowsOf(proc, o, path)).map(hub);
  const src = JSON.stringify(proc.machine.hostname);
  return `{
    "report": {
        "mtr": {
            "src": ${src},
            "dst": ${JSON.stringify(target)},
            "tos": ${o.tos},
            "tests": ${o.cycles},
            "psize": "${o.size}",
            "bitpattern": "${hex}"
        },
        "hubs": [
${rows.join(',\n')}
        ]
    }
}
`;
}

/** xml_close() */
export async function xml(
  proc: Process,
  o: MtrOptions,
  path: Path,
  target: string,
): Promise<string> {
  const hex = (n: number, width: number) => n.toString(16).toUpperCase().padStart(width, '0');
  const hub = ({ number, name, hop }: Row): string => {
    const each = fieldsOf(o)
      .filter((f) => f.digits !== undefined)
      .map((f) => {
        const tag = f.title.replace('%', '');
        return `        <${tag}>${cell(f, hop)}</${tag}>\n`;
      });
    return `    <HUB COUNT="${number}" HOST="${name}">\n${each.join('')}    </HUB>\n`;
  };
  const hubs = (await rowsOf(proc, o, path)).map(hub);
  const head = `SRC="${proc.machine.hostname}" DST="${target}" TOS="0x${hex(o.tos, 1)}" PSIZE="${o.size}" BITPATTERN="0x${hex(o.pattern, 2)}" TESTS="${o.cycles}"`;
  return `<?xml version="1.0"?>\n<MTR ${head}>\n${hubs.join('')}</MTR>\n`;
}

/** csv_close(). @param started seconds since 1970 */
export async function csv(
  proc: Process,
  o: MtrOptions,
  path: Path,
  target: string,
  started: number,
): Promise<string> {
  const fields = fieldsOf(o);
  const rows = (await rowsOf(proc, o, path)).map(({ number, name, hop }) => {
    const values = fields.map((f) => {
      if (f.digits === undefined || f.digits === 0) return String(f.value(hop));
      return shown(f, hop).toFixed(2);
    });
    return `MTR.0.95,${Math.floor(started)},OK,${target},${number},${name},${values.join(',')}\n`;
  });
  const titles = fields.map((f) => `${f.title},`).join('');
  return `Mtr_Version,Start_Time,Status,Host,Hop,Ip,${titles}\n${rows.join('')}`;
}

/** One line a hop, in whole milliseconds. split_redraw() */
export async function split(proc: Process, o: MtrOptions, path: Path): Promise<string> {
  const whole = (us: number) => String(Math.floor(us / 1000));
  return (await rowsOf(proc, o, path))
    .map(({ number, name, hop }) =>
      hop.addr === undefined
        ? `${number} ${UNKNOWN} 0 0 0 0 0 0\n`
        : `${[number, name, Math.floor(hop.loss), hop.received, hop.sent].join(' ')} ${[hop.best, hop.mean, hop.worst].map(whole).join(' ')}\n`,
    )
    .join('');
}
