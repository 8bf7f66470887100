/** Classes, RFC 1035 section 3.2.4. */
export const CLASS_IN = 1;
export const CLASS_CH = 3;
export const CLASS_HS = 4;
export const CLASS_ANY = 255;

const CLASSES: Readonly<Record<string, number>> = {
  IN: CLASS_IN,
  CH: CLASS_CH,
  CHAOS: CLASS_CH,
  HS: CLASS_HS,
  HESIOD: CLASS_HS,
  NONE: 254,
  ANY: CLASS_ANY,
};

/** Answer codes, RFC 1035 section 4.1.1, RFC 2136 section 2.2 and RFC 6891 section 9. */
export const NOERROR = 0;
export const FORMERR = 1;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const NOTIMP = 4;
export const REFUSED = 5;
export const BADVERS = 16;

const RCODES: readonly string[] = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/** Operations, RFC 1035 section 4.1.1. */
export const OPCODE_QUERY = 0;

const OPCODES: readonly string[] = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'];

/** The number of a class by its name in any case; undefined if there is none. */
export function classNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  return Object.hasOwn(CLASSES, upper) ? CLASSES[upper] : undefined;
}

/** The short name of a class; undefined if it has none. */
export function className(value: number): string | undefined {
  return Object.keys(CLASSES).find((name) => CLASSES[name] === value);
}

/** The name of an answer code, `RESERVED11` for one without. */
export function rcodeName(rcode: number): string {
  if (rcode === BADVERS) return 'BADVERS';
  return RCODES[rcode] ?? (rcode < BADVERS ? `RESERVED${rcode}` : String(rcode));
}

/** The name of an operation, `RESERVED6` for one without. */
export function opcodeName(opcode: number): string {
  return OPCODES[opcode] ?? `RESERVED${opcode}`;
}
