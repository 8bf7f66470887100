/** A value as cJSON keeps it: an object is a list of pairs, whose names may come twice. */
export type Json = string | number | boolean | JsonObject | readonly Json[];

/** An object that grows as a test goes on. */
export class JsonObject {
  readonly entries: (readonly [name: string, value: Json])[] = [];

  /** Adds a pair at the end. */
  add(name: string, value: Json): void {
    this.entries.push([name, value]);
  }

  /** An object of these pairs. */
  static of(record: Readonly<Record<string, Json>>): JsonObject {
    const object = new JsonObject();
    for (const [name, value] of Object.entries(record)) object.add(name, value);
    return object;
  }
}

/** 15 digits if they tell the number, else 17. Source: cJSON.c, print_number(). */
function formatNumber(n: number): string {
  if (!Number.isFinite(n)) return 'null';
  if (Number.isInteger(n)) return String(n);
  const short = n.toPrecision(15);
  const digits = Number(short) === n ? short : n.toPrecision(17);
  const [mantissa = '', e] = digits.split('e');
  const bare = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const exp = Number(bare) === 0 || e !== undefined ? Number(e ?? 0) : exponentOf(n);
  if (e === undefined && exp >= -4) return bare;
  const [m = ''] = Number(digits).toExponential().split('e');
  return `${m}e${exp < 0 ? '-' : '+'}${String(Math.abs(exp)).padStart(2, '0')}`;
}

const exponentOf = (n: number): number => Number(n.toExponential().split('e')[1]);

/** Text as cJSON_Print() lays it out: tabs, a tab behind a colon, objects of a list on the line of their bracket. */
export function formatJson(value: Json, depth = 0): string {
  if (typeof value === 'number') return formatNumber(value);
  if (!(value instanceof JsonObject)) {
    if (!Array.isArray(value)) return JSON.stringify(value);
    return `[${value.map((v: Json) => formatJson(v, depth + 1)).join(', ')}]`;
  }
  const pad = '\t'.repeat(depth + 1);
  const lines = value.entries.map(
    ([name, v]) => `${pad}${JSON.stringify(name)}:\t${formatJson(v, depth + 1)}`,
  );
  const body = lines.length === 0 ? '' : `${lines.join(',\n')}\n`;
  return `{\n${body}${'\t'.repeat(depth)}}`;
}
