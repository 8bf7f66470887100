import type { Expression, Scope } from './expression.ts';
import { type Column, Parser, type Statement } from './parser.ts';
import { Oid, SqlError, type Value } from './value.ts';

/** Rows of a table, and what its columns are. */
interface Table {
  readonly columns: readonly Column[];
  rows: Value[][];
}

/** What a statement gives: rows, or only its tag. */
export interface Result {
  readonly columns: readonly Column[] | undefined;
  readonly rows: readonly (readonly Value[])[];
  /** `SELECT 1` */
  readonly tag: string;
}

/** What a session knows beside the tables. */
export interface SessionInfo {
  call(name: string, at: number): Value;
  setting(name: string): string | undefined;
}

type Select = Extract<Statement, { kind: 'select' }>;
type Insert = Extract<Statement, { kind: 'insert' }>;

/** The tables of one database. */
export class Database {
  readonly #tables = new Map<string, Table>();

  /** Runs the statements of a text, one after the other; what went before one that fails has been given to `give`. @throws SqlError */
  run(sql: string, session: SessionInfo, give: (result: Result) => void): void {
    for (const statement of new Parser(sql).statements()) give(this.#run(statement, session));
  }

  #run(statement: Statement, session: SessionInfo): Result {
    switch (statement.kind) {
      case 'select':
        return this.#select(statement, session);
      case 'show':
        return show(statement.name, session);
      case 'create':
        return this.#create(statement);
      case 'drop':
        return this.#drop(statement.table, statement.ifThere);
      case 'insert':
        return this.#insert(statement, session);
      case 'delete': {
        const table = this.#table(statement.table, statement.at);
        const keep = table.rows.filter((row) => !holds(statement.where, table, row, session));
        const gone = table.rows.length - keep.length;
        table.rows = keep;
        return done(`DELETE ${gone}`);
      }
    }
  }

  #table(name: string, at: number): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new SqlError('42P01', `relation "${name}" does not exist`, at);
    return table;
  }

  #create({
    table,
    columns,
    ifMissing,
  }: {
    table: string;
    columns: readonly Column[];
    ifMissing: boolean;
  }): Result {
    if (this.#tables.has(table)) {
      if (ifMissing) return done('CREATE TABLE');
      throw new SqlError('42P07', `relation "${table}" already exists`);
    }
    this.#tables.set(table, { columns, rows: [] });
    return done('CREATE TABLE');
  }

  #drop(name: string, ifThere: boolean): Result {
    if (!this.#tables.delete(name) && !ifThere)
      throw new SqlError('42P01', `table "${name}" does not exist`);
    return done('DROP TABLE');
  }

  #insert({ table: name, at, columns, rows }: Insert, session: SessionInfo): Result {
    const table = this.#table(name, at);
    const into = columns ?? table.columns.map((c) => c.name);
    for (const column of into)
      if (!table.columns.some((c) => c.name === column))
        throw new SqlError('42703', `column "${column}" of relation "${name}" does not exist`);
    const made = rows.map((row) => {
      if (row.length > into.length)
        throw new SqlError('42601', 'INSERT has more expressions than target columns');
      const values = row.map((e) => e.evaluate({ row: undefined, call: session.call }));
      return table.columns.map(({ name: own, type }) => {
        const text = values[into.indexOf(own)]?.text ?? null;
        return { type, text: checked(type, text) };
      });
    });
    table.rows.push(...made);
    return done(`INSERT 0 ${made.length}`);
  }

  #select(statement: Select, session: SessionInfo): Result {
    const { items, from, where, orderBy, limit } = statement;
    const table = from === undefined ? undefined : this.#table(from.table, from.at);
    const rows =
      table === undefined ? [[]] : table.rows.filter((row) => holds(where, table, row, session));
    const scope = (row: readonly Value[]): Scope => ({
      row: table === undefined ? undefined : named(table, row),
      call: session.call,
    });
    if (orderBy !== undefined) {
      const sign = orderBy.descending ? -1 : 1;
      const key = (row: readonly Value[]) => orderBy.by.evaluate(scope(row));
      rows.sort((a, b) => sign * order(key(a), key(b)));
    }
    const expressions = items.flatMap((item) => item ?? starOf(table));
    if (expressions.some((e) => e.isAggregate)) return counted(expressions, rows.length);
    const shown = limit === undefined ? rows : rows.slice(0, limit);
    const values = shown.map((row) => expressions.map((e) => e.evaluate(scope(row))));
    const columns = expressions.map((e, i) => ({
      name: e.name,
      type: values[0]?.[i]?.type ?? table?.columns.find((c) => c.name === e.name)?.type ?? Oid.text,
    }));
    return { columns, rows: values, tag: `SELECT ${values.length}` };
  }
}

function done(tag: string): Result {
  return { columns: undefined, rows: [], tag };
}

function named(table: Table, row: readonly Value[]): Map<string, Value> {
  return new Map(table.columns.map((c, i) => [c.name, row[i] as Value]));
}

function holds(
  where: Expression | undefined,
  table: Table,
  row: readonly Value[],
  session: SessionInfo,
): boolean {
  if (where === undefined) return true;
  return where.evaluate({ row: named(table, row), call: session.call }).text === 't';
}

/** The columns that `*` stands for. @throws SqlError */
function starOf(table: Table | undefined): Expression[] {
  if (table === undefined)
    throw new SqlError('42601', 'SELECT * with no tables specified is not valid', 7);
  return table.columns.map(({ name }) => ({
    name,
    isAggregate: false,
    evaluate: ({ row }) => row?.get(name) as Value,
  }));
}

function counted(expressions: readonly Expression[], rows: number): Result {
  const other = expressions.find((e) => !e.isAggregate);
  if (other !== undefined)
    throw new SqlError(
      '42803',
      `column "${other.name}" must appear in the GROUP BY clause or be used in an aggregate function`,
    );
  const columns = expressions.map(({ name }) => ({ name, type: Oid.int8 }));
  const row = expressions.map(() => ({ type: Oid.int8, text: String(rows) }));
  return { columns, rows: [row], tag: 'SELECT 1' };
}

function order(a: Value, b: Value): number {
  if (a.text === null || b.text === null) return Number(a.text === null) - Number(b.text === null);
  const numbers = Number(a.text) - Number(b.text);
  return Number.isNaN(numbers) ? (a.text < b.text ? -1 : 1) : numbers;
}

/** A text as a column of that type takes it. @throws SqlError */
function checked(type: number, text: string | null): string | null {
  if (text === null || (type !== Oid.int4 && type !== Oid.int8)) return text;
  if (/^\s*[+-]?\d+\s*$/.test(text)) return String(Number(text));
  throw new SqlError('22P02', `invalid input syntax for type integer: "${text}"`);
}

function show(name: string, session: SessionInfo): Result {
  const text = session.setting(name);
  if (text === undefined)
    throw new SqlError('42704', `unrecognized configuration parameter "${name}"`);
  return {
    columns: [{ name, type: Oid.text }],
    rows: [[{ type: Oid.text, text }]],
    tag: 'SHOW',
  };
}
