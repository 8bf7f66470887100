import type { XtMatch, XtTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from './error.ts';
import type { MatchExtension, TargetExtension } from './extension.ts';
import type { OptionCall, OptionEntry, RuleContext } from './option.ts';
import { readValue } from './option-value.ts';

/** An extension that a command line names, with what was typed for it so far. */
export class LoadedExtension<E extends MatchExtension | TargetExtension> {
  readonly ext: E;
  readonly #state: unknown;
  readonly #seen = new Set<string>();
  /** Another use of the same match has been loaded: this one takes no more options. */
  complete = false;

  constructor(ext: E, rule: RuleContext) {
    this.ext = ext;
    this.#state = ext.init(rule);
  }

  /** Takes in an option. `xtables_option_parse()` @throws IptablesError */
  parse(entry: OptionEntry, text: string, invert: boolean, rule: RuleContext): void {
    const { name } = this.ext;
    const key = entry.sameAs ?? entry.name;
    if (entry.multi !== true && this.#seen.has(key)) {
      throw parameterProblem(`${name}: option "--${entry.name}" can only be used once.\n`);
    }
    if (invert && entry.invert !== true) {
      throw parameterProblem(`${name}: option "--${entry.name}" cannot be inverted.\n`);
    }
    const value = readValue(name, entry, text, rule);
    const call: OptionCall = { entry, name: entry.name, value, invert, seen: this.#seen, rule };
    this.ext.parse(call, this.#state);
    this.#seen.add(key);
  }

  /** All options have been given. `xtables_options_fcheck()` @throws IptablesError */
  finish(rule: RuleContext): XtMatch | XtTarget {
    const { name, options } = this.ext;
    for (const o of options) this.#checkPresence(o, name);
    return this.ext.finish(this.#state, this.#seen, rule);
  }

  #checkPresence(o: OptionEntry, ext: string): void {
    if (o.mandatory === true && !this.#seen.has(o.sameAs ?? o.name)) {
      throw parameterProblem(`${ext}: option "--${o.name}" must be specified\n`);
    }
    if (!this.#seen.has(o.name)) return;
    for (const other of o.excl ?? []) {
      if (this.#seen.has(other))
        throw parameterProblem(
          `${ext}: option "--${o.name}" cannot be used together with "--${other}".\n`,
        );
    }
    for (const other of o.also ?? []) {
      if (!this.#seen.has(other))
        throw parameterProblem(`${ext}: option "--${o.name}" also requires "--${other}".\n`);
    }
  }
}
