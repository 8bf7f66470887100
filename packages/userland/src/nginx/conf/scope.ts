import type { Directive } from './parse.ts';

/** The directives of one block, with those of the blocks around it to fall back on. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly directives: readonly Directive[];
  readonly #byName = new Map<string, Directive[]>();

  constructor(directives: readonly Directive[], parent?: Scope) {
    this.directives = directives;
    this.parent = parent;
    for (const d of directives) {
      const list = this.#byName.get(d.name);
      if (list === undefined) this.#byName.set(d.name, [d]);
      else list.push(d);
    }
  }

  /** The directives of a name in this very block. */
  own(name: string): readonly Directive[] {
    return this.#byName.get(name) ?? [];
  }

  /** The directives of a name in the nearest block that has any. */
  all(name: string): readonly Directive[] {
    const own = this.#byName.get(name);
    return own ?? this.parent?.all(name) ?? [];
  }

  /** The arguments of the last directive of a name. */
  args(name: string): readonly string[] | undefined {
    return this.all(name).at(-1)?.args;
  }

  /** The first argument of a directive. */
  value(name: string): string | undefined {
    return this.args(name)?.[0];
  }

  /** Whether an on-off directive is on. */
  flag(name: string, fallback: boolean): boolean {
    const value = this.value(name);
    return value === undefined ? fallback : value.toLowerCase() === 'on';
  }
}
