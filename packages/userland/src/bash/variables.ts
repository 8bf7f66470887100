import { ExpansionError } from './control.ts';

/** An array's elements by their subscripts; numbers in order for an indexed one. */
export type ArrayValue = Map<string, string>;

/** One shell variable. */
export interface Variable {
  value: string | ArrayValue | undefined;
  kind: 'scalar' | 'indexed' | 'associative';
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  /** -l and -u */
  letters: 'lower' | 'upper' | undefined;
}

/** A variable that is computed when it is read. */
export type DynamicVariable = () => string;

/** A shell's variables, with a scope for each function that runs. */
export class Variables {
  readonly #scopes: Map<string, Variable>[] = [new Map()];
  readonly #dynamic: Map<string, DynamicVariable> = new Map();
  readonly #dynamicArrays: Map<string, () => readonly string[]> = new Map();
  /** Evaluates what is assigned to an integer variable. */
  evaluate: (text: string) => string = (text) => text;
  /** set -a: exports whatever is assigned. */
  exportAll = false;

  /** Makes a variable that is computed; assigning to it makes it an ordinary one. */
  define(name: string, read: DynamicVariable): void {
    this.#dynamic.set(name, read);
  }

  /** Makes an array whose elements are computed. */
  defineArray(name: string, read: () => readonly string[]): void {
    this.#dynamicArrays.set(name, read);
    this.define(name, () => read()[0] ?? '');
  }

  /** A copy for a subshell. */
  clone(): Variables {
    const copy = new Variables();
    copy.#scopes.length = 0;
    for (const scope of this.#scopes) copy.#scopes.push(copyScope(scope));
    copy.exportAll = this.exportAll;
    return copy;
  }

  /** Begins a function. */
  push(): void {
    this.#scopes.push(new Map());
  }

  /** Ends a function: its local variables are gone. */
  pop(): void {
    this.#scopes.pop();
  }

  /** Whether a function runs. */
  get inFunction(): boolean {
    return this.#scopes.length > 1;
  }

  /** The innermost variable of a name. */
  find(name: string): Variable | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const variable = (this.#scopes[i] as Map<string, Variable>).get(name);
      if (variable !== undefined) return variable;
    }
    return undefined;
  }

  /** The variable of a name, made if need be; `local` makes it one of the running function. */
  declare(name: string, local = false): Variable {
    const scope = this.#scopes[local ? this.#scopes.length - 1 : 0] as Map<string, Variable>;
    const found = local ? scope.get(name) : this.find(name);
    if (found !== undefined) return found;
    const fresh = newVariable(this.exportAll);
    scope.set(name, fresh);
    return fresh;
  }

  /** The value of a scalar, or element 0 of an array; undefined if unset. */
  get(name: string): string | undefined {
    const variable = this.find(name);
    if (variable === undefined) return this.#dynamic.get(name)?.();
    return variable.value instanceof Map ? variable.value.get('0') : variable.value;
  }

  /** All elements of an array; a scalar is an array of one. */
  elements(name: string): ArrayValue {
    const value = this.find(name)?.value;
    if (value instanceof Map) return value;
    const computed = this.#dynamicArrays.get(name)?.();
    if (computed !== undefined) return new Map(computed.map((v, i) => [String(i), v]));
    const scalar = value ?? this.get(name);
    return scalar === undefined ? new Map() : new Map([['0', scalar]]);
  }

  /** Assigns a scalar, or element 0 of an array. @throws ExpansionError if it is readonly */
  set(name: string, value: string, append = false): void {
    const variable = this.#assignable(name);
    if (variable.value instanceof Map) this.setElement(name, '0', value, append);
    else
      variable.value = this.#coerce(variable, value, append ? (variable.value ?? '') : undefined);
  }

  /** Assigns one element of an array. */
  setElement(name: string, key: string, value: string, append = false): void {
    const variable = this.#assignable(name);
    const array = toArray(variable);
    const old = append ? (array.get(key) ?? '') : undefined;
    const isNew = !array.has(key);
    array.set(key, this.#coerce(variable, value, old));
    if (isNew && variable.kind === 'indexed') sortKeys(array);
  }

  /** Assigns a whole array. */
  setArray(name: string, entries: readonly (readonly [string, string])[], append = false): void {
    const variable = this.#assignable(name);
    if (append) toArray(variable);
    else {
      variable.value = new Map();
      if (variable.kind === 'scalar') variable.kind = 'indexed';
    }
    const array = variable.value as ArrayValue;
    for (const [key, value] of entries) array.set(key, this.#coerce(variable, value, undefined));
    if (variable.kind === 'indexed') sortKeys(array);
  }

  #assignable(name: string): Variable {
    const variable = this.declare(name);
    if (variable.readonly) throw new ExpansionError(`${name}: readonly variable`, { fatal: true });
    if (this.exportAll) variable.exported = true;
    return variable;
  }

  #coerce(variable: Variable, value: string, old: string | undefined): string {
    if (variable.integer)
      return this.evaluate(old === undefined ? value : `(${old || 0})+(${value})`);
    const text = (old ?? '') + value;
    if (variable.letters === 'lower') return text.toLowerCase();
    return variable.letters === 'upper' ? text.toUpperCase() : text;
  }

  /** Removes a variable. @returns false if there is none. @throws ExpansionError if it is readonly */
  unset(name: string): boolean {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const scope = this.#scopes[i] as Map<string, Variable>;
      const variable = scope.get(name);
      if (variable === undefined) continue;
      if (variable.readonly)
        throw new ExpansionError(`unset: ${name}: cannot unset: readonly variable`);
      return scope.delete(name);
    }
    return this.#dynamic.delete(name);
  }

  /** All names that have a value or an attribute, sorted. */
  names(): string[] {
    const names = new Set<string>(this.#dynamic.keys());
    for (const scope of this.#scopes) for (const name of scope.keys()) names.add(name);
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }

  /** What a program that is started gets as its environment. */
  environment(): Map<string, string> {
    const env = new Map<string, string>();
    for (const scope of this.#scopes)
      for (const [name, v] of scope) {
        if (v.exported && typeof v.value === 'string') env.set(name, v.value);
        else if (!v.exported) env.delete(name);
      }
    return env;
  }
}

function newVariable(exported: boolean): Variable {
  return {
    value: undefined,
    kind: 'scalar',
    exported,
    readonly: false,
    integer: false,
    letters: undefined,
  };
}

function copyScope(scope: ReadonlyMap<string, Variable>): Map<string, Variable> {
  const copy = new Map<string, Variable>();
  for (const [name, v] of scope)
    copy.set(name, { ...v, value: v.value instanceof Map ? new Map(v.value) : v.value });
  return copy;
}

function toArray(variable: Variable): ArrayValue {
  if (variable.value instanceof Map) return variable.value;
  const array: ArrayValue = new Map();
  if (variable.value !== undefined) array.set('0', variable.value);
  variable.value = array;
  if (variable.kind === 'scalar') variable.kind = 'indexed';
  return array;
}

function sortKeys(array: ArrayValue): void {
  const sorted = [...array].sort((a, b) => Number(a[0]) - Number(b[0]));
  array.clear();
  for (const [key, value] of sorted) array.set(key, value);
}
