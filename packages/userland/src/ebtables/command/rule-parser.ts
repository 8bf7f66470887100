/** Reads what a rule asks for: ports, addresses, protocol, and the options of extensions. */
import type { EbtRule, EbtStep, EbtTarget, EbtVerdict } from '@labwire/devices/bridge';
import { parameterProblem } from '../../iptables/index.ts';
import { etherTypeByName } from '../ethertypes.ts';
import type { Draft, EbtExtension, EbtOption } from '../extension.ts';
import { EBT_MATCHES } from '../match/index.ts';
import type { Names } from '../names.ts';
import { EBT_TARGETS, VERDICTS } from '../target/index.ts';
import { readMac } from '../values.ts';

/** Lengths end here, types begin. */
const LEAST_TYPE = 0x600;
const IFNAMSIZ = 16;

/** Said when an option is given again that may be given once. */
export const ONCE = 'Multiple use of same option not allowed';

/** An extension in the rule at hand. */
interface Instance {
  readonly extension: EbtExtension;
  readonly draft: Draft<EbtStep>;
  readonly given: Set<string>;
}

type IfaceKey = 'iif' | 'oif' | 'logicalIn' | 'logicalOut';

function newInstance(extension: EbtExtension): Instance {
  return { extension, draft: extension.init(), given: new Set() };
}

/** A rule while its options are read. */
export class RuleParser {
  readonly warnings: string[] = [];
  readonly #names: Names;
  readonly #basic: Draft<Partial<EbtRule>> = {};
  readonly #steps: Instance[] = [];
  #target: Instance | EbtVerdict | { readonly kind: 'jump'; readonly chain: string } = 'CONTINUE';
  #counters = { packets: 0, bytes: 0 };

  constructor(names: Names) {
    this.#names = names;
  }

  /** `-i`, `-o`, `--logical-in`, `--logical-out`. `ebtables_parse_interface()` */
  iface(key: IfaceKey, text: string, invert: boolean): void {
    if (text.length >= IFNAMSIZ)
      throw parameterProblem(
        `interface name \`${text}' must be shorter than IFNAMSIZ (${IFNAMSIZ - 1})`,
      );
    if (/[/ ]/.test(text))
      this.warnings.push(
        `Warning: weird character in interface \`${text}' ('/' and ' ' are not allowed by the kernel).\n`,
      );
    const plus = text.indexOf('+');
    if (plus >= 0 && plus < text.length - 1)
      throw parameterProblem("Spurious characters after '+' wildcard");
    const name = plus < 0 ? text : text.slice(0, plus);
    const isLogical = key === 'logicalIn' || key === 'logicalOut';
    if (name !== '' || isLogical) this.#basic[key] = { name, wildcard: plus >= 0, invert };
  }

  /** `-s`, `-d` */
  mac(key: 'src' | 'dst', text: string, invert: boolean): void {
    const value = readMac(text);
    const what = key === 'src' ? 'source' : 'destination';
    if (value === undefined)
      throw parameterProblem(
        `Problem with specified ${what} mac '${text.replace(/\/[^/]*$/, '')}'`,
      );
    this.#basic[key] = { value, invert };
  }

  /** `-p` */
  proto(text: string, invert: boolean): void {
    this.#basic.proto = { value: readProto(text), invert };
  }

  /** `-c` */
  counters(packets: string, bytes: string): void {
    for (const text of [packets, bytes])
      if (!/^\d+$/.test(text)) throw parameterProblem(`Packet counter '${text}' invalid`);
    this.#counters = { packets: Number(packets), bytes: Number(bytes) };
  }

  /** `-j`. A watcher is taken as what it is. `command_jump()` */
  jump(name: string): void {
    const verdict = VERDICTS.find((v) => v === name);
    const target = EBT_TARGETS.find((t) => t.name === name);
    const watcher = EBT_MATCHES.find((m) => m.name === name && /log$/.test(m.name));
    if (verdict !== undefined) this.#target = verdict;
    else if (target !== undefined) this.#target = newInstance(target);
    else if (watcher !== undefined) this.#steps.push(newInstance(watcher));
    else this.#target = { kind: 'jump', chain: name };
  }

  /** An extension's option: goes to the target, to what the rule has already, or to a new step. `ebt_command_default()` */
  option(extension: EbtExtension, option: EbtOption, text: string, invert: boolean): void {
    const target = this.#target;
    const isTargets = typeof target === 'object' && 'draft' in target;
    let found =
      isTargets && target.extension === extension
        ? target
        : this.#steps.find((s) => s.extension === extension);
    if (found === undefined) {
      found = newInstance(extension);
      this.#steps.push(found);
    }
    const { draft, given } = found;
    const { key } = option;
    if (option.once === true && given.has(key)) throw parameterProblem(ONCE);
    extension.parse(draft, { key, text, invert, names: this.#names, given });
    given.add(key);
  }

  /** The rule, once all is read. @throws {@link IptablesError} */
  finish(): EbtRule {
    const target = this.#target;
    const instances =
      'draft' in Object(target) ? [...this.#steps, target as Instance] : this.#steps;
    for (const { extension, given } of instances) extension.finalCheck?.(given);
    const steps = this.#steps.map((s) => s.draft);
    if (steps.some((s) => s.kind === '802_3') && this.#basic.proto?.value !== 0)
      throw parameterProblem('For 802.3 DSAP/SSAP filtering the protocol must be LENGTH');
    const made: EbtTarget =
      typeof target === 'object' && 'draft' in target ? (target.draft as EbtTarget) : target;
    return { ...this.#basic, steps, target: made, counters: this.#counters };
  }
}

/** An EtherType by number or name; 0 for frames that have a length. */
function readProto(text: string): number {
  const number = /^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : undefined;
  if (number !== undefined && number > 0xffff)
    throw parameterProblem('Problem with the specified protocol');
  if (text.toLowerCase() === 'length') return 0;
  const type = number ?? etherTypeByName(text);
  if (type === undefined)
    throw parameterProblem(
      `Problem with the specified Ethernet protocol '${text}', perhaps /etc/ethertypes is missing`,
    );
  if (type < LEAST_TYPE)
    throw parameterProblem('Sorry, protocols have values above or equal to 0x0600');
  return type;
}
