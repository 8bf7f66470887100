import { outputLines } from './output.ts';
import { cutLine, RECORDING_RULES } from './rules.ts';

/** iptables 1.8.9 lists protocols by number under -n; versions before and after it by name. */
const PROTOCOL_LINE = /^(.*\S)\s+(\d+|all|[a-z-]+\d*)\s+(--|-f|!f)\s+(.*)$/;
const PROTOCOLS: Readonly<Record<string, string>> = {
  '0': 'all',
  '1': 'icmp',
  '4': 'ipencap',
  '6': 'tcp',
  '17': 'udp',
  '47': 'gre',
  '58': 'ipv6-icmp',
  '132': 'sctp',
};

/** Rewrites one side of a comparison of two runs so that what need not agree looks alike. */
export class Normaliser {
  readonly #numbers = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  /** The output's lines: names numbered in order of appearance, times and the like blanked. */
  normalise(output: string): string[] {
    const lines = output.split('\n').map((l) => this.#line(l.trimEnd().replaceAll('^C', '')));
    return outputLines(lines.join('\n'));
  }

  #line(line: string): string {
    const text = cutLine(line, RECORDING_RULES)
      .map(({ text: t, rule }) =>
        rule === undefined ? t : rule.kind === undefined ? '<any>' : this.#number(rule.kind, t),
      )
      .join('');
    const listed = PROTOCOL_LINE.exec(text);
    if (listed === null) return text;
    const [, before, protocol = '', flag, rest] = listed;
    return `${before} ${PROTOCOLS[protocol] ?? protocol} ${flag} ${rest}`
      .split(/\s+/)
      .join(' ')
      .trim();
  }

  #number(kind: string, text: string): string {
    const key = `${kind} ${text}`;
    let n = this.#numbers.get(key);
    if (n === undefined) {
      n = this.#counts.get(kind) ?? 0;
      this.#counts.set(kind, n + 1);
      this.#numbers.set(key, n);
    }
    return `<${kind}${n}>`;
  }
}

/** One command of a recording, or of a run. */
export interface RecordedCommand {
  readonly line: number;
  readonly machine: string;
  readonly command: string;
  readonly output: string;
  readonly exitCode: number | null;
}

/** How one command came out in two runs. */
export interface Agreement {
  readonly recorded: RecordedCommand;
  readonly ours: RecordedCommand | undefined;
  readonly agrees: boolean;
  /** Both outputs, made alike where they need not agree. */
  readonly linuxLines: readonly string[];
  readonly ourLines: readonly string[];
}

/** Holds two runs of a lab against each other, command by command. */
export function compareRuns(
  linux: readonly RecordedCommand[],
  ours: readonly RecordedCommand[],
): Agreement[] {
  const [a, b] = [new Normaliser(), new Normaliser()];
  return linux.map((recorded, i) => {
    const got = ours[i];
    const linuxLines = a.normalise(recorded.output);
    const ourLines = b.normalise(ourOutput(recorded, got));
    const sameText = linuxLines.join('\n') === ourLines.join('\n');
    const sameCode = recorded.exitCode === null || recorded.exitCode === got?.exitCode;
    return { recorded, ours: got, agrees: sameText && sameCode, linuxLines, ourLines };
  });
}

function ourOutput(recorded: RecordedCommand, got: RecordedCommand | undefined): string {
  if (got === undefined) return '(no such command ran)';
  if (got.command.trim() !== recorded.command.trim())
    return `(ran another command: ${got.command})`;
  return got.output;
}
