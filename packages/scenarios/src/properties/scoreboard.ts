/** The scoreboard: how every subject stands to every requirement, as Markdown. */
import type { Finding } from './examine.ts';
import type { Instead, Law, Standing } from './law.ts';
import { LAWS } from './laws/index.ts';
import { SUBJECT_TITLES, SUBJECTS } from './subject.ts';

const SIGNS: Readonly<Record<Standing, string>> = {
  meets: '✔',
  conditional: '◐',
  'does not': '✘',
  'not applicable': '–',
};

/** `RFC 4787` of `RFC 4787 REQ-1`. */
export function rfcOf(law: Law): string {
  return law.id.split(' ').slice(0, 2).join(' ');
}

/** The table's row of a law, by its findings for all subjects. */
export function scoreRow(law: Law, findings: readonly Finding[]): string {
  const cells = SUBJECTS.map((s) => {
    const found = findings.find((f) => f.law.id === law.id && f.subject === s);
    return found === undefined ? '' : SIGNS[found.standing];
  });
  const own = findings.filter((f) => f.law.id === law.id);
  return `| ${[law.id, law.meaning, ...cells, notes(law, own)].join(' | ')} |`;
}

function notes(law: Law, findings: readonly Finding[]): string {
  const reasons = [...new Set(Object.values(law.notFor ?? {}))];
  const isConditional = findings.some((f) => f.standing === 'conditional');
  return [
    ...(isConditional ? [`◐ if ${law.condition?.text}`] : []),
    ...(law.instead ?? []).flatMap((i) => insteadNote(i, findings)),
    ...(reasons.length === 0 ? [] : [`– ${reasons.join(', ')}`]),
  ].join('; ');
}

/** What is done by those who do not meet it, with their names unless they are all of them. */
function insteadNote({ who, text }: Instead, findings: readonly Finding[]): string[] {
  const short = findings
    .filter((f) => f.standing === 'does not' || f.standing === 'conditional')
    .map((f) => f.subject);
  const mine = short.filter((s) => who.includes(s));
  if (mine.length === 0) return [];
  const names = mine.map((s) => SUBJECT_TITLES[s]).join(', ');
  return [mine.length === short.length ? `else ${text}` : `${names}: ${text}`];
}

/** The whole scoreboard. */
export function scoreboard(findings: readonly Finding[]): string {
  const rfcs = [...new Set(LAWS.map(rfcOf))];
  const head = `| property | asks | ${SUBJECTS.map((s) => SUBJECT_TITLES[s]).join(' | ')} | notes |`;
  const line = `| --- | --- |${' :-: |'.repeat(SUBJECTS.length)} --- |`;
  return rfcs
    .map((rfc) => {
      const rows = LAWS.filter((l) => rfcOf(l) === rfc).map((l) => scoreRow(l, findings));
      return [`## ${rfc}`, '', head, line, ...rows, ''].join('\n');
    })
    .join('\n');
}
