import { className, type DnsQuestion, type DnsRecord, rdataBytes } from '@labwire/devices/dns';
import { absolute, isMultiline, rdataText, soaLines, ttlUnits, typeText } from './rdata-text.ts';

/** How records are laid out. BIND lib/dns/masterdump.c, dns_master_style_t */
export interface RecordStyle {
  /** Where the time to live, class, type and data begin. */
  readonly columns: readonly [ttl: number, cls: number, type: number, data: number];
  readonly ttl: boolean;
  readonly ttlUnits: boolean;
  readonly class: boolean;
  readonly multiline: boolean;
  /** Types, classes and data by number: RFC 3597. */
  readonly unknown: boolean;
}

/** The usual layout. */
export const PLAIN_STYLE: RecordStyle = {
  columns: [24, 32, 40, 48],
  ttl: true,
  ttlUnits: false,
  class: true,
  multiline: false,
  unknown: false,
};

const TAB = 8;
/** A type of the private range, whose data is bytes alone. */
const NO_LAYOUT = 65_280;

/** A line that is filled up to columns by tabs and spaces. */
class Line {
  text = '';
  #column = 0;

  add(text: string): void {
    this.text += text;
    this.#column += text.length;
  }

  /** Moves to a column; at least one character on. indent() */
  to(column: number): void {
    const target = Math.max(column, this.#column + 1);
    const tabs = Math.max(0, Math.floor(target / TAB) - Math.floor(this.#column / TAB));
    const from = tabs > 0 ? Math.floor(target / TAB) * TAB : this.#column;
    this.text += '\t'.repeat(tabs) + ' '.repeat(target - from);
    this.#column = target;
  }
}

/** The name of a class; `CLASS…` for one without. */
export function classText(cls: number): string {
  return className(cls) ?? `CLASS${cls}`;
}

/** A question as the question section shows it. */
export function questionLine(q: DnsQuestion, style: RecordStyle): string {
  const line = new Line();
  line.add(absolute(q.name));
  line.to(style.columns[1]);
  line.add(classText(q.class));
  line.to(style.columns[2]);
  line.add(typeText(q.type));
  return `;${line.text}\n`;
}

/** A record as answer, authority and additional sections show it. rdataset_totext() */
export function recordLine(record: DnsRecord, style: RecordStyle, ownerShown = true): string {
  const [ttlAt, classAt, typeAt, dataAt] = style.columns;
  const line = new Line();
  if (ownerShown) line.add(absolute(record.name));
  if (style.ttl) {
    line.to(ttlAt);
    line.add(style.ttlUnits ? ttlUnits(record.ttl) : String(record.ttl));
  }
  if (style.class) {
    line.to(classAt);
    line.add(style.unknown ? `CLASS${record.class}` : classText(record.class));
  }
  line.to(typeAt);
  line.add(style.unknown ? `TYPE${record.type}` : typeText(record.type));
  line.to(dataAt);
  line.add(dataText(record, style));
  return `${line.text}\n`;
}

function dataText(record: DnsRecord, style: RecordStyle): string {
  if (style.unknown) return unknownData(record);
  if (!style.multiline || !isMultiline(record)) return rdataText(record);
  const indent = '\t'.repeat(style.columns[3] / TAB);
  return soaLines(record).join(`\n${indent}`);
}

/** The data of any type as the bytes that it is on the wire. */
function unknownData(record: DnsRecord): string {
  const bytes = rdataBytes(record);
  return rdataText({ ...record, type: NO_LAYOUT, data: [bytes] });
}
