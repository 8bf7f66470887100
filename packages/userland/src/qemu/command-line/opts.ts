import { QemuError } from '../qemu-error.ts';

/** The words of one option: `tap,id=n0,script=no`. QEMU util/qemu-option.c, QemuOpts */
export class Opts {
  /** The option as it was typed. */
  readonly where: string;
  readonly pairs: readonly (readonly [key: string, value: string])[];
  /** Written as JSON. */
  readonly #json: boolean;
  /** Keys that stand without a value. */
  readonly shortForms: readonly string[];

  /**
   * @param first the key of a first word that has none
   * @throws QemuError if the id is none
   */
  constructor(where: string, text: string, first: string) {
    this.where = where;
    const parts = splitOpts(text);
    const json = text.startsWith('{');
    this.#json = json;
    this.pairs = json
      ? this.#jsonPairs(text)
      : parts.map((part, i) => pairOf(part, i === 0 ? first : undefined));
    this.shortForms = json ? [] : parts.flatMap((p, i) => (i > 0 && !p.includes('=') ? [p] : []));
    const id = this.get('id');
    if (id !== undefined && !/^[A-Za-z][A-Za-z0-9._-]*$/.test(id))
      throw this.error(
        "Parameter 'id' expects an identifier\nIdentifiers consist of letters, digits, '-', '.', '_', starting with a letter.",
      );
  }

  /** Words of `{"type":"tap","id":"n0"}`, which `-netdev` and `-device` take too; nested ones get dots. */
  #jsonPairs(text: string): (readonly [string, string])[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      const word = /[A-Za-z]+/.exec(text.replace(/"[^"]*"|\b(true|false|null)\b/g, ''))?.[0];
      const what = word === undefined ? 'expecting value' : `invalid keyword '${word}'`;
      throw this.error(`JSON parse error, ${what}`);
    }
    return flatten('', value);
  }

  /** The last value of a key; of ids the first one counts. */
  get(key: string): string | undefined {
    if (key === 'id') return this.pairs.find(([k]) => k === key)?.[1];
    return this.pairs.filter(([k]) => k === key).at(-1)?.[1];
  }

  /** All values of a key. */
  all(key: string): string[] {
    return this.pairs.flatMap(([k, v]) => (k === key ? [v] : []));
  }

  get keys(): string[] {
    return this.pairs.map(([k]) => k);
  }

  /** A key that is `on` or `off`. @throws QemuError */
  flag(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (['on', 'yes', 'true', 'y'].includes(value)) return true;
    if (['off', 'no', 'false', 'n'].includes(value)) return false;
    throw this.error(`Parameter '${key}' expects 'on' or 'off'`);
  }

  /** The value of a key that must be there. @throws QemuError */
  required(key: string): string {
    const value = this.get(key);
    if (value === undefined) throw this.error(`Parameter '${key}' is missing`);
    return value;
  }

  /** Refuses any key but those named. @throws QemuError */
  allowOnly(keys: readonly string[]): void {
    const wrong = this.keys.find(
      (k) => !keys.includes(k) && !keys.includes(`${k.split('.')[0]}.*`),
    );
    if (wrong === undefined) return;
    const what = this.#json ? `Parameter '${wrong}' is unexpected` : `Invalid parameter '${wrong}'`;
    throw this.error(what);
  }

  /** A failure that this option is to blame for. */
  error(message: string): QemuError {
    return new QemuError(this.where, message);
  }
}

/** Parts between commas; two commas are one in a value. */
function splitOpts(text: string): string[] {
  const parts: string[] = [''];
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c !== ',') parts.push(`${parts.pop()}${c}`);
    else if (text[i + 1] === ',') {
      parts.push(`${parts.pop()},`);
      i++;
    } else parts.push('');
  }
  return parts.filter((p, i) => p !== '' || i === 0);
}

function pairOf(part: string, first: string | undefined): readonly [string, string] {
  const eq = part.indexOf('=');
  if (eq >= 0) return [part.slice(0, eq), part.slice(eq + 1)];
  if (first !== undefined) return [first, part];
  return part.startsWith('no') && part.length > 2 ? [part.slice(2), 'off'] : [part, 'on'];
}

/** Members of a JSON value; a list of strings, or of objects that hold one, is its key again and again. */
function flatten(key: string, value: unknown): (readonly [string, string])[] {
  if (typeof value === 'boolean') return [[key, value ? 'on' : 'off']];
  if (typeof value !== 'object' || value === null) return [[key, String(value)]];
  const dot = key === '' ? '' : `${key}.`;
  if (!Array.isArray(value))
    return Object.entries(value).flatMap(([name, inner]) => flatten(`${dot}${name}`, inner));
  return value.flatMap((inner) => flatten(key, (inner as { str?: unknown } | null)?.str ?? inner));
}
