import {
  AwkError,
  type AwkFunction,
  type AwkProgram,
  type Expr,
  type Pattern,
  type Redirection,
  type Rule,
  type Stmt,
} from './ast.ts';
import { lex, type Token } from './lex.ts';

const BINARY: readonly (readonly string[])[] = [
  ['+', '-'],
  ['*', '/', '%'],
];
const ASSIGN = ['=', '+=', '-=', '*=', '/=', '%=', '^=', '**='];

/** Parses an awk program. POSIX awk grammar @throws AwkError */
export function parseAwk(text: string): AwkProgram {
  return new AwkParser(lex(text)).program();
}

class AwkParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  /** In print's list `>` redirects. */
  #noGreater = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get #now(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #is(...texts: string[]): boolean {
    const { t, text } = this.#now;
    return (t === 'op' || t === 'word') && texts.includes(text);
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail();
  }

  #fail(): never {
    const { t, text, line } = this.#now;
    const shown = t === 'end' ? 'end of file' : t === 'newline' ? 'end of line' : text;
    throw new AwkError(`syntax error at or near ${shown}`, line);
  }

  #newlines(): void {
    while (this.#now.t === 'newline' || this.#is(';')) this.#at++;
  }

  #optionalNewlines(): void {
    while (this.#now.t === 'newline') this.#at++;
  }

  program(): AwkProgram {
    const rules: Rule[] = [];
    const functions = new Map<string, AwkFunction>();
    this.#newlines();
    while (this.#now.t !== 'end') {
      if (this.#accept('function') || this.#accept('func')) this.#function(functions);
      else rules.push(this.#rule());
      this.#newlines();
    }
    return { rules, functions };
  }

  #function(functions: Map<string, AwkFunction>): void {
    const name = this.#now.text;
    this.#at++;
    this.#expect('(');
    const params: string[] = [];
    while (!this.#is(')')) {
      params.push(this.#now.text);
      this.#at++;
      if (!this.#accept(',')) break;
      this.#optionalNewlines();
    }
    this.#expect(')');
    this.#optionalNewlines();
    functions.set(name, { params, body: this.#block() });
  }

  #rule(): Rule {
    const pattern = this.#pattern();
    if (this.#is('{')) return { pattern, action: this.#block() };
    if (pattern.t === 'BEGIN' || pattern.t === 'END') this.#fail();
    return { pattern, action: undefined };
  }

  #pattern(): Pattern {
    if (this.#accept('BEGIN')) return { t: 'BEGIN' };
    if (this.#accept('END')) return { t: 'END' };
    if (this.#is('{')) return { t: 'always' };
    const from = this.#expr();
    if (!this.#accept(',')) return { t: 'when', e: from };
    this.#optionalNewlines();
    return { t: 'range', from, to: this.#expr() };
  }

  #block(): Stmt {
    this.#expect('{');
    const list: Stmt[] = [];
    this.#newlines();
    while (!this.#is('}')) {
      if (this.#now.t === 'end') this.#fail();
      list.push(this.#statement());
      this.#newlines();
    }
    this.#expect('}');
    return { t: 'block', list };
  }

  #body(): Stmt {
    this.#optionalNewlines();
    if (this.#accept(';')) return { t: 'block', list: [] };
    return this.#statement();
  }

  #statement(): Stmt {
    if (this.#is('{')) return this.#block();
    if (this.#accept('if')) return this.#if();
    if (this.#accept('while')) {
      const test = this.#parenthesized();
      return { t: 'while', test, body: this.#body() };
    }
    if (this.#accept('do')) return this.#do();
    if (this.#accept('for')) return this.#for();
    const statement = this.#simple();
    if (!this.#is('}', ';') && this.#now.t !== 'newline' && this.#now.t !== 'end') this.#fail();
    return statement;
  }

  #parenthesized(): Expr {
    this.#expect('(');
    const e = this.#expr();
    this.#expect(')');
    return e;
  }

  #if(): Stmt {
    const test = this.#parenthesized();
    const yes = this.#body();
    const back = this.#at;
    this.#newlines();
    if (this.#accept('else')) return { t: 'if', test, yes, no: this.#body() };
    this.#at = back;
    return { t: 'if', test, yes, no: undefined };
  }

  #do(): Stmt {
    const body = this.#body();
    this.#newlines();
    this.#expect('while');
    return { t: 'do', test: this.#parenthesized(), body };
  }

  #for(): Stmt {
    this.#expect('(');
    const [name, word, array] = this.#tokens.slice(this.#at, this.#at + 3);
    if (
      name?.t === 'name' &&
      word?.text === 'in' &&
      array?.t === 'name' &&
      this.#tokens[this.#at + 3]?.text === ')'
    ) {
      this.#at += 4;
      return { t: 'forin', name: name.text, array: array.text, body: this.#body() };
    }
    const init = this.#is(';') ? undefined : this.#simple();
    this.#expect(';');
    this.#optionalNewlines();
    const test = this.#is(';') ? undefined : this.#expr();
    this.#expect(';');
    this.#optionalNewlines();
    const next = this.#is(')') ? undefined : this.#simple();
    this.#expect(')');
    return { t: 'for', init, test, next, body: this.#body() };
  }

  #simple(): Stmt {
    if (this.#accept('print')) return this.#print(false);
    if (this.#accept('printf')) return this.#print(true);
    if (this.#accept('delete')) return this.#delete();
    for (const word of ['next', 'break', 'continue'] as const)
      if (this.#accept(word)) return { t: 'jump', to: word };
    for (const word of ['exit', 'return'] as const)
      if (this.#accept(word)) return { t: word, e: this.#endsHere() ? undefined : this.#expr() };
    return { t: 'expr', e: this.#expr() };
  }

  #endsHere(): boolean {
    return this.#is(';', '}') || this.#now.t === 'newline' || this.#now.t === 'end';
  }

  #delete(): Stmt {
    const name = this.#now.text;
    this.#at++;
    return { t: 'delete', name, keys: this.#accept('[') ? this.#list(']') : undefined };
  }

  #print(printf: boolean): Stmt {
    const saved = this.#noGreater;
    this.#noGreater = true;
    const args = this.#endsHere() || this.#is('>', '>>', '|') ? [] : this.#printList();
    this.#noGreater = saved;
    let to: Redirection | undefined;
    for (const op of ['>', '>>', '|'] as const)
      if (this.#accept(op)) to = { op, e: this.#concat() };
    return { t: 'print', printf, args, to };
  }

  /** `print (a, b)` and `print (a)(b)` begin alike. */
  #printList(): Expr[] {
    const start = this.#at;
    if (this.#accept('(')) {
      const saved = this.#noGreater;
      this.#noGreater = false;
      const list = this.#exprList();
      this.#noGreater = saved;
      if (this.#accept(')') && (this.#endsHere() || this.#is('>', '>>', '|'))) return list;
      this.#at = start;
    }
    return this.#exprList();
  }

  #exprList(): Expr[] {
    const list = [this.#expr()];
    while (this.#accept(',')) {
      this.#optionalNewlines();
      list.push(this.#expr());
    }
    return list;
  }

  #list(close: string): Expr[] {
    const list = this.#is(close) ? [] : this.#exprList();
    this.#expect(close);
    return list;
  }

  #expr(): Expr {
    const test = this.#or();
    if (this.#accept('?')) {
      this.#optionalNewlines();
      const yes = this.#expr();
      this.#optionalNewlines();
      this.#expect(':');
      this.#optionalNewlines();
      return { t: 'cond', test, yes, no: this.#expr() };
    }
    const op = ASSIGN.find((o) => this.#is(o));
    if (op === undefined || !isPlace(test)) return test;
    this.#at++;
    this.#optionalNewlines();
    return { t: 'assign', op: op.slice(0, -1).replace('**', '^'), to: test, e: this.#expr() };
  }

  #or(): Expr {
    let l = this.#and();
    while (this.#accept('||')) {
      this.#optionalNewlines();
      l = { t: 'bin', op: '||', l, r: this.#and() };
    }
    return l;
  }

  #and(): Expr {
    let l = this.#in();
    while (this.#accept('&&')) {
      this.#optionalNewlines();
      l = { t: 'bin', op: '&&', l, r: this.#in() };
    }
    return l;
  }

  #in(): Expr {
    let e = this.#match();
    while (this.#accept('in')) {
      const name = this.#now.text;
      this.#at++;
      e = { t: 'in', keys: [e], name };
    }
    return e;
  }

  #match(): Expr {
    let l = this.#comparison();
    while (this.#is('~', '!~')) {
      const not = this.#now.text === '!~';
      this.#at++;
      l = { t: 'match', not, l, r: this.#comparison() };
    }
    return l;
  }

  #comparison(): Expr {
    const l = this.#concat();
    const ops = this.#noGreater
      ? ['<', '<=', '==', '!=', '>=']
      : ['<', '<=', '==', '!=', '>', '>='];
    const op = ops.find((o) => this.#is(o));
    if (op === undefined) return l;
    this.#at++;
    return { t: 'bin', op, l, r: this.#concat() };
  }

  #concat(): Expr {
    let l = this.#binary(0);
    while (this.#startsOperand()) l = { t: 'bin', op: ' ', l, r: this.#binary(0) };
    return l;
  }

  #startsOperand(): boolean {
    const { t, text } = this.#now;
    if (['num', 'str', 'name', 'func', 'builtin'].includes(t)) return true;
    return t === 'op' && ['$', '!', '(', '-', '+', '++', '--'].includes(text);
  }

  #binary(level: number): Expr {
    const ops = BINARY[level];
    if (ops === undefined) return this.#unary();
    let l = this.#binary(level + 1);
    for (;;) {
      const op = ops.find((o) => this.#is(o));
      if (op === undefined) return l;
      this.#at++;
      l = { t: 'bin', op, l, r: this.#binary(level + 1) };
    }
  }

  #unary(): Expr {
    for (const op of ['!', '-', '+'])
      if (this.#accept(op)) return { t: 'unary', op, e: this.#unary() };
    return this.#power();
  }

  #power(): Expr {
    const base = this.#postfix();
    if (!this.#accept('^') && !this.#accept('**')) return base;
    return { t: 'bin', op: '^', l: base, r: this.#unary() };
  }

  #postfix(): Expr {
    const e = this.#primary();
    if (isPlace(e)) {
      if (this.#accept('++')) return { t: 'step', by: 1, prefix: false, to: e };
      if (this.#accept('--')) return { t: 'step', by: -1, prefix: false, to: e };
    }
    return e;
  }

  #primary(): Expr {
    const { t, text, re } = this.#now;
    if (t === 'op') return this.#operatorPrimary(text);
    this.#at++;
    switch (t) {
      case 'num':
        return { t: 'num', v: Number(text) };
      case 'str':
        return { t: 'str', v: text };
      case 'regex':
        return { t: 'regex', re: re as RegExp };
      case 'name':
        return this.#accept('[')
          ? { t: 'index', name: text, keys: this.#list(']') }
          : { t: 'var', name: text };
      case 'func':
        this.#expect('(');
        return { t: 'call', name: text, args: this.#call() };
      case 'builtin':
        return { t: 'call', name: text, args: this.#accept('(') ? this.#call() : [] };
      default:
        this.#at--;
        if (text === 'getline')
          throw new AwkError(
            'getline is not supported; supported are records read by patterns',
            this.#now.line,
          );
        return this.#fail();
    }
  }

  #call(): Expr[] {
    const saved = this.#noGreater;
    this.#noGreater = false;
    const args = this.#list(')');
    this.#noGreater = saved;
    return args;
  }

  #operatorPrimary(text: string): Expr {
    this.#at++;
    if (text === '(') return this.#group();
    if (text === '$') {
      if (this.#is('++', '--')) return { t: 'field', e: this.#unaryStep() };
      if (this.#accept('-')) return { t: 'field', e: { t: 'unary', op: '-', e: this.#primary() } };
      return { t: 'field', e: this.#primary() };
    }
    if (text === '++' || text === '--')
      return { t: 'step', by: text === '++' ? 1 : -1, prefix: true, to: this.#primary() };
    this.#at--;
    return this.#fail();
  }

  #unaryStep(): Expr {
    const by = this.#now.text === '++' ? 1 : -1;
    this.#at++;
    return { t: 'step', by, prefix: true, to: this.#primary() };
  }

  #group(): Expr {
    const saved = this.#noGreater;
    this.#noGreater = false;
    const list = this.#exprList();
    this.#expect(')');
    this.#noGreater = saved;
    if (list.length > 1) {
      this.#expect('in');
      const name = this.#now.text;
      this.#at++;
      return { t: 'in', keys: list, name };
    }
    return { t: 'group', e: list[0] as Expr };
  }
}

function isPlace(e: Expr): boolean {
  return e.t === 'var' || e.t === 'field' || e.t === 'index';
}
