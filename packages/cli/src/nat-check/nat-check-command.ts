import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabwireError } from '@labwire/core/error';
import type { Paint } from '@labwire/scenarios/lab';
import {
  checkRules,
  describe,
  examine,
  type Finding,
  findTranslations,
  LAWS,
  type Law,
  type OwnRules,
  printLab,
  rfcOf,
  type Standing,
  SUBJECT_TITLES,
  surround,
} from '@labwire/scenarios/properties';
import { EXIT_MISMATCH, EXIT_OK, type Io } from '../io.ts';
import { readLabFile } from '../lab-file.ts';
import { paintFor } from '../paint.ts';

/** What `labwire nat-check` was asked for. */
export interface NatCheckRequest {
  /** A file of iptables-save's. */
  readonly file: string;
  /** Requirements by their names, or parts of them; none: all. */
  readonly laws: readonly string[];
  /** Folder for a lab of every counterexample. */
  readonly labs: string | undefined;
  readonly runs: number;
  readonly seed: number | undefined;
  readonly lan: string | undefined;
  readonly wan: string | undefined;
  readonly inside: string | undefined;
}

const MEND = 'give what iptables-save prints';
const RULE_SET = { what: 'rule set', mend: MEND };

const SIGNS: Readonly<Record<Standing, string>> = {
  meets: '✔',
  conditional: '◐',
  'does not': '✘',
  'not applicable': '–',
};

/** Tries what the RFCs ask of a NAT on somebody's rules. @returns the exit code: 1 if a requirement that was named is not met */
export async function natCheckCommand(request: NatCheckRequest, io: Io): Promise<number> {
  const { file } = request;
  const laws = lawsOf(request);
  const text = `${readLabFile(file, RULE_SET).text.replaceAll('\r\n', '\n').trimEnd()}\n`;
  const translations = await readRules(file, text, request);
  const check = new NatCheck(request, io, laws);
  for (const own of translations) await check.run(own);
  check.finish();
  return request.laws.length > 0 && check.isBroken ? EXIT_MISMATCH : EXIT_OK;
}

function lawsOf({ laws }: NatCheckRequest): readonly Law[] {
  for (const name of laws)
    if (!LAWS.some((l) => isNamed(l, name)))
      throw new LabwireError(`--law ${name}: no such requirement; write one as "${LAWS[0]?.id}"`);
  return LAWS.filter((l) => laws.length === 0 || laws.some((name) => isNamed(l, name)));
}

/** By its whole name, that of its RFC, or what stands behind it. */
function isNamed({ id }: Law, name: string): boolean {
  return id === name || id.startsWith(`${name} `) || id.endsWith(` ${name}`);
}

/** @throws LabwireError with the line, if iptables-restore would not take them or if they translate nothing */
async function readRules(
  file: string,
  text: string,
  request: NatCheckRequest,
): Promise<OwnRules[]> {
  const hints = { lan: request.lan, wan: request.wan, inside: request.inside };
  const found = findTranslations(text);
  const [first] = found;
  if (text.trim() === '') throw new LabwireError(`${file}: this file is empty; ${MEND}`);
  if (!/^\*\w/m.test(text)) throw new LabwireError(`${file}:1: no table begins here; ${MEND}`);
  const any = first ?? { kind: 'masquerade', line: 1, rule: '', matches: [], options: [] };
  const wrong = await checkRules(surround(text, any, hints));
  if (wrong !== undefined) throw new LabwireError(ruleError(file, text, wrong));
  if (first === undefined)
    throw new LabwireError(
      `${file}: nothing is translated; there is no MASQUERADE, SNAT, DNAT or REDIRECT in its nat table`,
    );
  return found.map((t) => surround(text, t, hints));
}

/** The line that is wrong. Of a chain that is not there iptables-restore tells only at the end of the table. */
function lineOf(text: string, wrong: string): string | undefined {
  const chain = /Chain '([^']*)' does not exist/.exec(wrong)?.[1];
  const words = chain === undefined ? [] : [`-j ${chain}`, `-g ${chain}`];
  const at = text.split('\n').findIndex((l) => words.some((w) => `${l} `.includes(` ${w} `)));
  return at >= 0 ? String(at + 1) : /line:? (\d+)/.exec(wrong)?.[1];
}

/** What iptables-restore says, in our form: the file, the line, what is wrong, what to do. */
function ruleError(file: string, text: string, wrong: string): string {
  const line = lineOf(text, wrong);
  const words = wrong.replace(/^[^"]*"[^"]*" exits with \S+: /, '').split('\n')[0] ?? '';
  const said = words.replace(/`([^']*)'/g, '"$1"');
  const rule = line === undefined ? undefined : text.split('\n')[Number(line) - 1];
  const shown = rule === undefined || rule === '' ? '' : ` ("${rule.trim()}")`;
  return `${file}${line === undefined ? '' : `:${line}`}: ${said}${shown}; mend the line`;
}

class NatCheck {
  readonly #request: NatCheckRequest;
  readonly #io: Io;
  readonly #laws: readonly Law[];
  readonly #paint: Paint;
  /** The first requirement that is not met. */
  #first: { readonly law: Law; readonly own: OwnRules } | undefined;
  #lab: string | undefined;
  #written = 0;
  isBroken = false;

  constructor(request: NatCheckRequest, io: Io, laws: readonly Law[]) {
    this.#request = request;
    this.#io = io;
    this.#laws = laws;
    this.#paint = paintFor(io.colour);
  }

  async run(own: OwnRules): Promise<void> {
    const { translation } = own;
    const { lan, wan } = own.topology;
    this.#io.out(
      `${this.#request.file}:${translation.line}: ${SUBJECT_TITLES[translation.kind]}, inside ${lan}, outside ${wan}\n  ${translation.rule}\n`,
    );
    if (own.helps !== undefined) {
      this.#io.out(`  – ${own.helps}\n\n`);
      return;
    }
    const counts = new Map<Standing, number>();
    for (const rfc of new Set(this.#laws.map(rfcOf))) {
      this.#io.out(`\n${rfc}\n`);
      const silent = new Map<string, string[]>();
      for (const law of this.#laws.filter((l) => rfcOf(l) === rfc)) {
        const found = await this.#examine(law, own, false);
        counts.set(found.standing, (counts.get(found.standing) ?? 0) + 1);
        if (found.standing === 'not applicable') note(silent, found);
        else this.#print(found);
        if (found.counterexample !== undefined) await this.#broken(law, own);
      }
      for (const [why, names] of silent) this.#io.out(`  – ${names.join(', ')}: ${why}\n`);
    }
    const sum = (['meets', 'conditional', 'does not', 'not applicable'] as const)
      .map((s) => `${SIGNS[s]} ${s} ${counts.get(s) ?? 0}`)
      .join(' · ');
    this.#io.out(`\n${sum}\n\n`);
  }

  #examine(law: Law, own: OwnRules, shrink: boolean): Promise<Finding> {
    const { runs, seed } = this.#request;
    return examine(law, own, { runs, shrink, ...(seed === undefined ? {} : { seed }) });
  }

  #print({ law, standing, why, counterexample }: Finding): void {
    const condition = why === undefined ? '' : ` (if ${why})`;
    this.#io.out(`  ${SIGNS[standing]} ${shortName(law).padEnd(9)} ${law.meaning}${condition}\n`);
    if (standing === 'does not' && counterexample !== undefined)
      this.#io.out(`${this.#paint.aside(`              ${describe(counterexample.checks)}`)}\n`);
  }

  /** Makes the lab of the first requirement that is not met, or of every one if there is a folder for them. */
  async #broken(law: Law, own: OwnRules): Promise<void> {
    this.isBroken = true;
    const { labs } = this.#request;
    if (labs === undefined && this.#first !== undefined) return;
    this.#first ??= { law, own };
    const { counterexample } = await this.#examine(law, own, true);
    if (counterexample === undefined) return;
    const title = `${law.id}: ${law.meaning}`;
    const about = [
      `${this.#request.file}, line ${own.translation.line}: \`${own.translation.rule}\``,
    ];
    const text = printLab(counterexample, { title, about });
    this.#lab ??= text;
    if (labs === undefined) return;
    const name = `${law.id}-line-${own.translation.line}.md`
      .toLowerCase()
      .replace(/[^\w.-]+/g, '-');
    write(labs, name, text);
    this.#written++;
  }

  finish(): void {
    const { labs } = this.#request;
    if (labs !== undefined)
      this.#io.out(`${this.#written} labs are in ${labs}; run one with labwire run\n`);
    else if (this.#lab !== undefined)
      this.#io.out(
        `A lab that shows the first of them (all: --labs DIR; run it with labwire run):\n\n${this.#lab}`,
      );
  }
}

/** `REQ-8` of `RFC 4787 REQ-8`. */
function shortName(law: Law): string {
  return law.id.slice(rfcOf(law).length + 1);
}

/** Takes note of a requirement that says nothing about the rule, by the reason. */
function note(silent: Map<string, string[]>, { law, why = '' }: Finding): void {
  silent.set(why, [...(silent.get(why) ?? []), shortName(law)]);
}

function write(folder: string, name: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
  } catch (e) {
    const why = (e as NodeJS.ErrnoException).code ?? 'an error';
    throw new LabwireError(
      `--labs ${folder}: ${name} can't be written: ${why}; name another folder`,
    );
  }
}
