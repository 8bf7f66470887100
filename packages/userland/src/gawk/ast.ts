/** An awk expression. */
export type Expr =
  | { readonly t: 'num'; readonly v: number }
  | { readonly t: 'str'; readonly v: string }
  | { readonly t: 'regex'; readonly re: RegExp }
  | { readonly t: 'var'; readonly name: string }
  | { readonly t: 'field'; readonly e: Expr }
  | { readonly t: 'index'; readonly name: string; readonly keys: readonly Expr[] }
  | { readonly t: 'assign'; readonly op: string; readonly to: Expr; readonly e: Expr }
  | { readonly t: 'cond'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly t: 'bin'; readonly op: string; readonly l: Expr; readonly r: Expr }
  | { readonly t: 'match'; readonly not: boolean; readonly l: Expr; readonly r: Expr }
  | { readonly t: 'in'; readonly keys: readonly Expr[]; readonly name: string }
  | { readonly t: 'unary'; readonly op: string; readonly e: Expr }
  | { readonly t: 'step'; readonly by: number; readonly prefix: boolean; readonly to: Expr }
  | { readonly t: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly t: 'group'; readonly e: Expr };

/** An awk statement. */
export type Stmt =
  | { readonly t: 'expr'; readonly e: Expr }
  | {
      readonly t: 'print';
      readonly printf: boolean;
      readonly args: readonly Expr[];
      readonly to: Redirection | undefined;
    }
  | { readonly t: 'if'; readonly test: Expr; readonly yes: Stmt; readonly no: Stmt | undefined }
  | { readonly t: 'while'; readonly test: Expr; readonly body: Stmt }
  | { readonly t: 'do'; readonly test: Expr; readonly body: Stmt }
  | {
      readonly t: 'for';
      readonly init: Stmt | undefined;
      readonly test: Expr | undefined;
      readonly next: Stmt | undefined;
      readonly body: Stmt;
    }
  | { readonly t: 'forin'; readonly name: string; readonly array: string; readonly body: Stmt }
  | { readonly t: 'block'; readonly list: readonly Stmt[] }
  | { readonly t: 'delete'; readonly name: string; readonly keys: readonly Expr[] | undefined }
  | { readonly t: 'jump'; readonly to: 'next' | 'break' | 'continue' }
  | { readonly t: 'exit' | 'return'; readonly e: Expr | undefined };

/** Where print writes. */
export interface Redirection {
  readonly op: '>' | '>>' | '|';
  readonly e: Expr;
}

/** What makes a rule's action run. */
export type Pattern =
  | { readonly t: 'BEGIN' | 'END' | 'always' }
  | { readonly t: 'when'; readonly e: Expr }
  | { readonly t: 'range'; readonly from: Expr; readonly to: Expr };

/** A pattern and its action; without an action it prints the record. */
export interface Rule {
  readonly pattern: Pattern;
  readonly action: Stmt | undefined;
}

/** A function of the program. */
export interface AwkFunction {
  readonly params: readonly string[];
  readonly body: Stmt;
}

/** A whole program. */
export interface AwkProgram {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, AwkFunction>;
}

/** A program that makes no sense, or one that does what cannot be done. */
export class AwkError extends Error {
  readonly line: number;
  constructor(message: string, line = 0) {
    super(message);
    this.line = line;
  }
}
