import { DOCUMENT_RULES, type Rule } from './rules.ts';

/** Commands that print process ids without saying so, and where. */
const PRINTS_PIDS: readonly (readonly [command: RegExp, pids: readonly RegExp[]])[] = [
  [/\bip (?:-\w+ )*netns pids\b|\bpgrep\b|\becho \$[!$]|\bcat \S+\.pid\b/, [/^\d+$/g]],
  [/\bpidof\b/, [/(?<=^(?:\d+ )*)\d+(?=(?: \d+)*$)/g]],
  [/\bpgrep\b.*-\w*[al]/, [/^\d+(?= )/g]],
  [
    /\bps (?:aux|-ef)/,
    [/(?<=^\S+) +\d+(?= )/g, /(?<=^\S+ +\d+) +\d+(?= +\d+ +(?:\d\d:\d\d|[A-Z]))/g],
  ],
  [/\bps\b/, [/^ *\d+(?= )/g]],
];

/** The rules for a command's output: those for all, and where it has process ids. */
export function rulesFor(command: string): readonly Rule[] {
  const pids = PRINTS_PIDS.find(([printer]) => printer.test(command))?.[1] ?? [];
  if (pids.length === 0) return DOCUMENT_RULES;
  return [...pids.map((pattern) => ({ kind: 'pid', pattern })), ...DOCUMENT_RULES];
}
