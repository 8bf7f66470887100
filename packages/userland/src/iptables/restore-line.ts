/** The words of a line of iptables-restore's input. iptables/xshared.c */
import { parameterProblem } from './core/error.ts';

/** Takes a rule's line apart at blanks; `"` keeps them, `\` within quotes the next character. `add_param_to_argv()` */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let quoted = false;
  let started = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted && c === '\\') word += text[++i] ?? '';
    else if (c === '"') {
      quoted = !quoted;
      started = true;
    } else if (!quoted && /\s/.test(c)) {
      if (started || word !== '') words.push(word);
      word = '';
      started = false;
    } else word += c;
  }
  if (started || word !== '') words.push(word);
  return words;
}

/** `packets:bytes` in brackets; undefined if it is something else. `parse_counters()` */
export function parseCounters(
  text: string,
): { readonly packets: number; readonly bytes: number } | undefined {
  const m = /^\[(\d+):(\d+)\]/.exec(text);
  return m === null ? undefined : { packets: Number(m[1]), bytes: Number(m[2]) };
}

/** A rule's counters in front of it, and what follows them. `tokenize_rule_counters()` @throws IptablesError */
export function splitCounters(
  text: string,
  line: number,
): { readonly counters: readonly string[]; readonly rest: string } {
  if (!text.startsWith('[')) return { counters: [], rest: text };
  const end = text.indexOf(']');
  const colon = text.indexOf(':');
  if (end < 0 || colon < 0 || colon > end) throw parameterProblem(`Bad line ${line}: need ]`);
  return {
    counters: [text.slice(1, colon), text.slice(colon + 1, end)],
    rest: text.slice(end + 1),
  };
}
