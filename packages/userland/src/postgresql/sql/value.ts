/** Types by their object ids. PostgreSQL src/include/catalog/pg_type.dat */
export const Oid = {
  bool: 16,
  name: 19,
  int8: 20,
  int4: 23,
  text: 25,
  inet: 869,
  timestamptz: 1184,
  numeric: 1700,
} as const;

/** What a column may be declared as. */
export const TYPE_NAMES: Readonly<Record<string, number>> = {
  bool: Oid.bool,
  boolean: Oid.bool,
  int: Oid.int4,
  int4: Oid.int4,
  integer: Oid.int4,
  serial: Oid.int4,
  int8: Oid.int8,
  bigint: Oid.int8,
  numeric: Oid.numeric,
  decimal: Oid.numeric,
  text: Oid.text,
  varchar: Oid.text,
  char: Oid.text,
  inet: Oid.inet,
};

/** A value: its type, and its text; null for NULL. */
export interface Value {
  readonly type: number;
  readonly text: string | null;
}

/** What a statement fails with. PostgreSQL manual, appendix A */
export class SqlError extends Error {
  readonly code: string;
  /** Where in the statement, from 0; undefined for nowhere. */
  readonly position: number | undefined;

  readonly hint: string | undefined;

  constructor(code: string, message: string, position?: number, hint?: string) {
    super(message);
    this.code = code;
    this.position = position;
    this.hint = hint;
  }
}

/** Types that numbers have. */
export function isNumber(type: number): boolean {
  return type === Oid.int4 || type === Oid.int8 || type === Oid.numeric;
}
