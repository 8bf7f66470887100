import { type Expression, readExpression } from './expression.ts';
import { type Token, tokenize } from './lexer.ts';
import { SqlError, TYPE_NAMES } from './value.ts';

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly type: number;
}

/** Statements that there are. */
export type Statement =
  | {
      readonly kind: 'select';
      /** `*` is undefined. */
      readonly items: readonly (Expression | undefined)[];
      readonly from: { readonly table: string; readonly at: number } | undefined;
      readonly where: Expression | undefined;
      readonly orderBy: { readonly by: Expression; readonly descending: boolean } | undefined;
      readonly limit: number | undefined;
    }
  | { readonly kind: 'show'; readonly name: string }
  | {
      readonly kind: 'create';
      readonly table: string;
      readonly columns: readonly Column[];
      readonly ifMissing: boolean;
    }
  | { readonly kind: 'drop'; readonly table: string; readonly ifThere: boolean }
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly at: number;
      readonly columns: readonly string[] | undefined;
      readonly rows: readonly (readonly Expression[])[];
    }
  | {
      readonly kind: 'delete';
      readonly table: string;
      readonly at: number;
      readonly where: Expression | undefined;
    };

/** Words that begin a statement which PostgreSQL has and Labwire has not. */
const REFUSED =
  'alter analyze begin call checkpoint close comment commit copy declare do execute explain fetch grant listen lock merge notify prepare reindex release reset revoke rollback savepoint set start table truncate update vacuum values with'.split(
    ' ',
  );

/** Reads statements. */
export class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @throws SqlError */
  constructor(sql: string) {
    this.#tokens = tokenize(sql);
  }

  peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Takes the next word if it is this one. */
  take(text: string): boolean {
    const token = this.peek();
    if (token.quoted || token.kind === 'string' || token.text !== text || token.kind === 'end')
      return false;
    this.#at++;
    return true;
  }

  /** @throws SqlError if the next word is another one */
  expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(this.peek());
  }

  unexpected(token: Token): SqlError {
    return token.kind === 'end'
      ? new SqlError('42601', 'syntax error at end of input', token.at)
      : new SqlError('42601', `syntax error at or near "${token.raw}"`, token.at);
  }

  name(): Token {
    const token = this.next();
    if (token.kind !== 'word') throw this.unexpected(token);
    return token;
  }

  /** A type, with what stands in brackets behind it. @throws SqlError */
  typeName(): number {
    const token = this.name();
    const type = TYPE_NAMES[token.text];
    if (type === undefined)
      throw new SqlError('42704', `type "${token.text}" does not exist`, token.at);
    if (this.take('(')) while (!this.take(')')) this.next();
    return type;
  }

  /** All statements. @throws SqlError */
  statements(): Statement[] {
    const found: Statement[] = [];
    for (;;) {
      while (this.take(';'));
      if (this.peek().kind === 'end') return found;
      found.push(this.#statement());
      if (this.peek().kind !== 'end' && !this.take(';')) throw this.unexpected(this.peek());
    }
  }

  #statement(): Statement {
    const token = this.next();
    switch (token.quoted ? '' : token.text) {
      case 'select':
        return this.#select();
      case 'show':
        return { kind: 'show', name: this.name().text };
      case 'create':
        return this.#create();
      case 'drop':
        return this.#drop();
      case 'insert':
        return this.#insert();
      case 'delete': {
        this.expect('from');
        const { text: table, at } = this.name();
        return { kind: 'delete', table, at, where: this.#where() };
      }
      default:
        if (REFUSED.includes(token.text)) throw refused(token.raw.toUpperCase(), token.at);
        throw this.unexpected(token);
    }
  }

  #where(): Expression | undefined {
    return this.take('where') ? readExpression(this) : undefined;
  }

  #select(): Statement {
    const items: (Expression | undefined)[] = [];
    do items.push(this.take('*') ? undefined : this.#item());
    while (this.take(','));
    let from: { table: string; at: number } | undefined;
    if (this.take('from')) {
      const { text: table, at } = this.name();
      from = { table, at };
    }
    const where = this.#where();
    let orderBy: { by: Expression; descending: boolean } | undefined;
    if (this.take('order')) {
      this.expect('by');
      const by = readExpression(this);
      orderBy = { by, descending: this.take('desc') };
      this.take('asc');
    }
    const limit = this.take('limit') ? Number(this.next().text) : undefined;
    return { kind: 'select', items, from, where, orderBy, limit };
  }

  #item(): Expression {
    const expression = readExpression(this);
    const named = this.take('as') || (this.peek().kind === 'word' && !this.#isClause());
    return named ? { ...expression, name: this.name().text } : expression;
  }

  #isClause(): boolean {
    return ['from', 'where', 'order', 'limit'].includes(this.peek().text);
  }

  #create(): Statement {
    if (!this.take('table'))
      throw refused(`CREATE ${this.peek().raw.toUpperCase()}`, this.peek().at);
    const ifMissing = this.take('if');
    if (ifMissing) {
      this.expect('not');
      this.expect('exists');
    }
    const { text: table } = this.name();
    this.expect('(');
    const columns: Column[] = [];
    do {
      const { text: name } = this.name();
      columns.push({ name, type: this.typeName() });
      if (this.take('primary')) this.expect('key');
      if (this.take('not')) this.expect('null');
    } while (this.take(','));
    this.expect(')');
    return { kind: 'create', table, columns, ifMissing };
  }

  #drop(): Statement {
    if (!this.take('table')) throw refused(`DROP ${this.peek().raw.toUpperCase()}`, this.peek().at);
    const ifThere = this.take('if');
    if (ifThere) this.expect('exists');
    return { kind: 'drop', table: this.name().text, ifThere };
  }

  #insert(): Statement {
    this.expect('into');
    const { text: table, at } = this.name();
    let columns: string[] | undefined;
    if (this.take('(')) {
      columns = [];
      do columns.push(this.name().text);
      while (this.take(','));
      this.expect(')');
    }
    this.expect('values');
    const rows: Expression[][] = [];
    do {
      this.expect('(');
      const row: Expression[] = [];
      do row.push(readExpression(this));
      while (this.take(','));
      this.expect(')');
      rows.push(row);
    } while (this.take(','));
    return { kind: 'insert', table, at, columns, rows };
  }
}

function refused(what: string, at: number): SqlError {
  return new SqlError(
    '0A000',
    `${what} is not supported by Labwire, which has SELECT, INSERT, DELETE, CREATE TABLE, DROP TABLE and SHOW`,
    at,
  );
}
