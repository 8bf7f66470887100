/** The scoreboard: how every subject stands to every requirement, as Markdown. */
import type { Finding } from './examine.ts';
import type { Law, Standing } from './law.ts';
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
  const standings = new Set(findings.filter((f) => f.law.id === law.id).map((f) => f.standing));
  return `| ${[law.id, law.meaning, ...cells, notes(law, standings)].join(' | ')} |`;
}

function notes(law: Law, standings: ReadonlySet<Standing>): string {
  const reasons = [...new Set(Object.values(law.notFor ?? {}))];
  return [
    ...(standings.has('conditional') ? [`◐ if ${law.condition?.text}`] : []),
    ...(standings.has('meets') && standings.size === 1
      ? []
      : law.instead === undefined
        ? []
        : [law.instead.text]),
    ...(reasons.length === 0 ? [] : [`– ${reasons.join(', ')}`]),
  ].join('; ');
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
