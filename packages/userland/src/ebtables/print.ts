import type { EbtRule, EbtStep, EbtTarget, EbtVerdict } from '@labwire/devices/bridge';
import { etherTypeName } from './ethertypes.ts';
import type { EbtExtension } from './extension.ts';
import { EBT_MATCHES } from './match/index.ts';
import type { Names } from './names.ts';
import { EBT_TARGETS } from './target/index.ts';
import { hexText, macText, shown } from './values.ts';

const EXTENSIONS: ReadonlyMap<string, EbtExtension> = new Map(
  [...EBT_MATCHES, ...EBT_TARGETS].map((e) => [e.name, e]),
);

/** The extension that a step is of. */
export function extensionOf(step: EbtStep): EbtExtension {
  return EXTENSIONS.get(step.kind) as EbtExtension;
}

/** Whether a step is a target. */
export function isTarget(step: EbtStep): boolean {
  return EBT_TARGETS.some((t) => t.name === step.kind);
}

function protoText(type: number): string {
  return type === 0 ? 'Length' : (etherTypeName(type) ?? hexText(type));
}

function ifaceText(option: string, m: EbtRule['iif']): string {
  if (m === undefined) return '';
  return `${option} ${m.invert ? '! ' : ''}${m.name}${m.wildcard ? '+' : ''} `;
}

/** Of more than two matches 1.8.9 lists the first and the last. iptables/nft-bridge.c, parse_watcher() */
function listedSteps(steps: readonly EbtStep[]): readonly EbtStep[] {
  const matches = steps.filter((s) => !isTarget(s));
  return matches.length > 2 ? [matches[0] as EbtStep, matches.at(-1) as EbtStep] : matches;
}

/** What stands behind -j: a target among the steps counts if nothing decides behind it. */
function targetText(steps: readonly EbtStep[], target: EbtTarget, names: Names): string {
  const step = target === 'CONTINUE' ? steps.find(isTarget) : undefined;
  const t: EbtTarget | EbtStep = step ?? target;
  if (typeof t === 'string') return t satisfies EbtVerdict;
  if (t.kind === 'jump') return t.chain;
  return `${t.kind} ${extensionOf(t).print(t, names)}`;
}

/** A rule as it is listed, and as it would be typed. */
export function ruleText(rule: EbtRule, names: Names): string {
  return [
    shown('-p', rule.proto, protoText),
    shown('-s', rule.src, macText),
    shown('-d', rule.dst, macText),
    ifaceText('-i', rule.iif),
    ifaceText('--logical-in', rule.logicalIn),
    ifaceText('-o', rule.oif),
    ifaceText('--logical-out', rule.logicalOut),
    ...listedSteps(rule.steps).map((s) => extensionOf(s).print(s, names)),
    `-j ${targetText(rule.steps, rule.target, names)}`,
  ].join('');
}
