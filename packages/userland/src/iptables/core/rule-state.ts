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
  parse(typed: OptionEntry, text: string, invert: boolean, rule: RuleContext): void {
    const { name, options } = this.ext;
    const entry = mainEntry(options, typed);
    const again = this.#seen.has(entry.name) || this.#seen.has(entry.sharesOnce ?? '');
    if (entry.multi !== true && again) {
      const once = `${name}: option "--${entry.name}" can only be used once.\n`;
      throw parameterProblem(entry.onceText ?? once);
    }
    if (invert && entry.invert !== true) {
      throw parameterProblem(`${name}: option "--${entry.name}" cannot be inverted.\n`);
    }
    const value = readValue(name, entry, text, rule);
    const call: OptionCall = { entry, name: entry.name, value, invert, seen: this.#seen, rule };
    this.ext.parse(call, this.#state);
    this.#seen.add(entry.name);
    if (entry.sharesOnce !== undefined) this.#seen.add(entry.sharesOnce);
  }

  /** All options have been given. `xtables_option_mfcall()` @throws IptablesError */
  finish(rule: RuleContext): XtMatch | XtTarget | undefined {
    const { name, options } = this.ext;
    this.ext.check?.(this.#state, this.#seen, rule);
    const main = options.filter((o) => o.sameAs === undefined);
    for (const o of main) this.#checkPresence(o, main, name);
    return this.ext.finish(this.#state, this.#seen, rule);
  }

  /** `xtables_options_fcheck()` */
  #checkPresence(o: OptionEntry, all: readonly OptionEntry[], ext: string): void {
    if (o.mandatory === true && !this.#seen.has(o.name)) {
      throw parameterProblem(`${ext}: option "--${o.name}" must be specified\n`);
    }
    if (!this.#seen.has(o.name)) return;
    for (const { name: other } of all) {
      if (other === o.name) continue;
      if (o.also?.includes(other) === true && !this.#seen.has(other))
        throw parameterProblem(`${ext}: option "--${o.name}" also requires "--${other}".\n`);
      if (o.excl?.includes(other) === true && this.#seen.has(other))
        throw parameterProblem(
          `${ext}: option "--${o.name}" cannot be used together with "--${other}".\n`,
        );
    }
  }
}

/** The entry that an option's other name stands for. `xtables_option_lookup()` */
function mainEntry(options: readonly OptionEntry[], typed: OptionEntry): OptionEntry {
  return options.find((o) => o.name === typed.sameAs) ?? typed;
}
