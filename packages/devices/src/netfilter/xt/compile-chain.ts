import { BASIC_FIELDS, basicHolds, basicTests } from './compile-basic.ts';
import type { Matcher, XtPacket } from './packet.ts';
import type { XtRule } from './rule.ts';
import { NF_DROP, XT_CONTINUE } from './verdict.ts';

/** What a target does with a packet: NF_DROP, NF_ACCEPT, NF_STOLEN, XT_CONTINUE or XT_RETURN. */
export type Action = (p: XtPacket) => number;

/** A rule with its matches and target made into functions. */
export interface CompiledRule {
  readonly rule: XtRule;
  readonly matchers: readonly Matcher[];
  /** null for a rule that only counts. */
  readonly action: Action | null;
}

/** A chain as a function: the verdict of its rules, XT_CONTINUE if none has one. */
export type ChainProgram = (p: XtPacket) => number;

/**
 * Called for each rule that a traced packet meets, with what its target says; of a rule that leads to another chain before
 * that chain's rules. `nft_trace_packet()`
 */
export type RuleTrace = (p: XtPacket, rule: XtRule, verdict: number) => void;

/**
 * Makes a chain's rules into one function; `trace` is asked at every rule that matches if the packet is traced.
 * Generated code is five to a hundred times as fast as closures (it reads rules as constants); where the platform
 * forbids generating code the rules are walked instead, with the same result.
 */
export function compileChain(rules: readonly CompiledRule[], trace: RuleTrace): ChainProgram {
  return generate(rules, trace) ?? walk(rules, trace);
}

/** Rules in one generated function: V8 optimises functions up to a size only, so long chains are cut. */
const RULES_PER_FUNCTION = 64;

function generate(rules: readonly CompiledRule[], trace: RuleTrace): ChainProgram | undefined {
  const parts: ChainProgram[] = [];
  for (let i = 0; i < rules.length; i += RULES_PER_FUNCTION) {
    const part = generatePart(rules.slice(i, i + RULES_PER_FUNCTION), trace);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  if (parts.length === 1) return parts[0];
  return (p) => {
    for (let i = 0; i < parts.length; i++) {
      const verdict = (parts[i] as ChainProgram)(p);
      if (verdict !== XT_CONTINUE) return verdict;
    }
    return XT_CONTINUE;
  };
}

function generatePart(rules: readonly CompiledRule[], trace: RuleTrace): ChainProgram | undefined {
  const names: string[] = [];
  const values: unknown[] = [];
  const bind = (name: string, value: unknown): string => {
    names.push(name);
    values.push(value);
    return name;
  };
  bind('trace', trace);
  const tests = rules.map((r) => basicTests(r.rule));
  const used = fieldsOf(tests.flat());
  const body = rules.map((r, i) => ruleCode(r, i, tests[i] as string[], readFields(used), bind));
  const head = used.length === 0 ? '' : `let ${readFields(used, ', ')};`;
  try {
    const make = new Function(
      ...names,
      `return (p) => { let v; ${head}\n${body.join('')}return ${XT_CONTINUE}; };`,
    );
    return make(...values) as ChainProgram;
  } catch {
    return undefined;
  }
}

/** The fields that tests ask for: kept in variables, which costs a rule a fraction of what reading them anew does. */
function fieldsOf(tests: readonly string[]): readonly string[] {
  return BASIC_FIELDS.filter((f) => tests.some((t) => new RegExp(`\\$${f}\\b`).test(t)));
}

function readFields(fields: readonly string[], separator = '; '): string {
  return fields.map((f) => `$${f} = p.${f}`).join(separator);
}

/** @param reread reads the packet's fields again, which a target may have changed */
function ruleCode(
  r: CompiledRule,
  i: number,
  basic: readonly string[],
  reread: string,
  bind: (name: string, value: unknown) => string,
): string {
  const calls = r.matchers.map((m, k) => `${bind(`m${i}_${k}`, m)}(p)`);
  const tests = [...basic, ...calls];
  const counters = bind(`c${i}`, r.rule.counters);
  const rule = bind(`r${i}`, r.rule);
  const tell = (verdict: string): string => `if (p.traced) trace(p, ${rule}, ${verdict}); `;
  const run = r.action === null ? '' : `v = ${bind(`a${i}`, r.action)}(p); `;
  const end = r.action === null ? '' : `if (v !== ${XT_CONTINUE}) return v; ${reread};`;
  const act = leadsOn(r) ? tell(`${XT_CONTINUE}`) + run + end : run + tell('v') + end;
  const code = `${counters}.packets++; ${counters}.bytes += p.len; ${act}`;
  const hot = r.matchers.length > 0 ? `if (p.hotdrop) return ${NF_DROP};\n` : '\n';
  return `${tests.length === 0 ? `{ ${code} }` : `if (${tests.join(' && ')}) { ${code} }`} ${hot}`;
}

/** Whether a rule has no verdict of its own. */
function leadsOn({ action, rule: { target } }: CompiledRule): boolean {
  return action === null || target?.kind === 'jump' || target?.kind === 'goto';
}

function ruleHolds(r: CompiledRule, p: XtPacket): boolean {
  if (!basicHolds(r.rule, p)) return false;
  for (const m of r.matchers) if (!m(p)) return false;
  return true;
}

/** @internal The way without generated code. */
export function walk(rules: readonly CompiledRule[], trace: RuleTrace): ChainProgram {
  return (p) => {
    for (let i = 0; i < rules.length; i++) {
      const r = rules[i] as CompiledRule;
      if (ruleHolds(r, p)) {
        const { counters } = r.rule;
        counters.packets++;
        counters.bytes += p.len;
        const before = leadsOn(r);
        if (p.traced && before) trace(p, r.rule, XT_CONTINUE);
        const verdict = r.action === null ? XT_CONTINUE : r.action(p);
        if (p.traced && !before) trace(p, r.rule, verdict);
        if (verdict !== XT_CONTINUE) return verdict;
      }
      if (p.hotdrop) return NF_DROP;
    }
    return XT_CONTINUE;
  };
}
