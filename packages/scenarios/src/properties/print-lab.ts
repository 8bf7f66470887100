/** Prints what a scenario did as a lab: the packets one by one, and what a requirement wants to have arrived. */
import { formatIpv4 } from '@labwire/core/addr';
import { LabwireError } from '@labwire/core/error';
import { type Check, FLAGS, lineOf } from './checks.ts';
import type { Outcome } from './examine.ts';
import { LEAD_IN, SETTLE } from './pace.ts';
import { Seen } from './packet.ts';
import { frontMatter, type Machine } from './topology.ts';
import type { StepTrace, Trace } from './trace.ts';

/** How long a lab's longest command takes beside its waits, in seconds. */
const LINGER = 20;

/** What stands around the packets. */
export interface LabTexts {
  readonly title: string;
  /** What the reader should know, a paragraph each. */
  readonly about: readonly string[];
}

/**
 * The lab of an outcome. Each check is a command whose expected output is what the requirement wants, so that a run of the lab
 * fails where the requirement is not met, and shows how.
 */
export function printLab({ scenario, trace, checks }: Outcome, { title, about }: LabTexts): string {
  const waits = scenario.steps.map((s) => (s.do === 'wait' ? s.seconds : 0));
  const counted = checks.flatMap((c, i) => (c.machine === 'nat' ? [countingRule(c.line, i)] : []));
  return [
    '---',
    `title: ${JSON.stringify(title)}`,
    `linger: ${LINGER + Math.ceil(Math.max(0, ...waits))}`,
    frontMatter(scenario.topology, {
      ...scenario,
      router: [...scenario.router, ...(counted.length === 0 ? [] : COUNTERS), ...counted],
    }).trimEnd(),
    '---',
    '',
    `# ${title}`,
    '',
    ...about.flatMap((paragraph) => [paragraph, '']),
    'Whoever watches writes down what arrives.',
    '',
    '```console may-fail',
    ...(['inside', 'outside'] as const).map(
      (m) => `${m}# tcpdump -nvtx -l -Q in --immediate-mode -i eth0 ip > ${m}.txt 2>/dev/null &`,
    ),
    `inside# sleep ${LEAD_IN}`,
    '```',
    '',
    ...trace.steps.flatMap(printStep),
    'What has arrived in the end, and what should have:',
    '',
    ...checks.flatMap((c, i) => printCheck(c, i, trace)),
  ].join('\n');
}

function printStep(s: StepTrace): string[] {
  const { step } = s;
  if (step.do === 'wait')
    return block(`${step.seconds} seconds go by.`, [`inside# sleep ${step.seconds}`]);
  if (step.do === 'command') return block('At the router:', [`nat# ${step.command}`]);
  if (s.from === undefined) return [];
  const what = s.sent.map((b) => `\`${new Seen(b)}\``).join(', then ');
  const seen = s.arrivals.map((a) => `\`${a.packet}\` at \`${a.machine}\``).join(', ');
  const told = seen === '' ? 'Nothing arrives anywhere.' : `There arrives ${seen}.`;
  return block(`From \`${s.from}\`: ${what}. ${told}`, [
    ...s.sent.map((b) => `${s.from}# ${sendCommand(b)}`),
    `inside# sleep ${SETTLE}`,
  ]);
}

function block(prose: string, commands: readonly string[]): string[] {
  return [prose, '', '```console may-fail', ...commands, '```', ''];
}

/** A shell command that sends a packet as it is. */
export function sendCommand(packet: Uint8Array): string {
  const text = [...packet].map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('');
  const { dst } = new Seen(packet);
  return `printf '${text}' | socat -u - IP4-SENDTO:${formatIpv4(dst.addr)}:255`;
}

function printCheck(c: Check, i: number, trace: Trace): string[] {
  const seen = trace.steps
    .flatMap((s) => s.arrivals)
    .filter((a) => a.machine === c.machine)
    .map((a) => a.packet);
  if (c.packet !== undefined && c.machine !== 'nat') return printBytes(c, c.packet, seen);
  const total = seen.filter((p) => lineOf(p).includes(c.line)).length;
  const wanted = total - c.got + c.wanted;
  const times = wanted === 1 ? 'once' : wanted === 0 ? 'never' : `${wanted} times`;
  const line = c.line === '' ? 'any packet' : `\`${c.line.trim()}\``;
  return [
    `- ${c.what}: ${line} ${times} at \`${c.machine}\``,
    '',
    '```console',
    `${c.machine}# ${c.machine === 'nat' ? countCommand(i) : grep(c.machine, c.line)}`,
    String(wanted),
    '```',
    '',
  ];
}

function grep(machine: Machine, line: string): string {
  return line === '' ? `grep -c '^IP ' ${machine}.txt` : `grep -cF '${line}' ${machine}.txt`;
}

/** A packet is looked for by the rows of tcpdump -x, all of which are wanted, or none of them. */
function printBytes(c: Check, packet: Seen, seen: readonly Seen[]): string[] {
  const rows = hexRows(packet);
  const total = seen.flatMap(hexRows).filter((r) => rows.some((row) => r.includes(row))).length;
  const isWanted = c.wanted > 0;
  return [
    `- ${c.what}: \`${c.line.trim()}\`, ${isWanted ? 'to the byte' : 'but not these bytes'}, at \`${c.machine}\``,
    '',
    '```console',
    `${c.machine}# grep -cF${rows.map((r) => ` -e '${r}'`).join('')} ${c.machine}.txt`,
    String(isWanted ? total : 0),
    '```',
    '',
  ];
}

/** Rows of tcpdump -x. */
function hexRows({ bytes }: Seen): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => {
    const row = [...bytes.slice(i * 16, (i + 1) * 16)];
    const hex = row.map(
      (b, k) => `${k > 0 && k % 2 === 0 ? ' ' : ''}${b.toString(16).padStart(2, '0')}`,
    );
    return `0x${(i * 16).toString(16).padStart(4, '0')}:  ${hex.join('')}`;
  });
}

/** What the router's programs get is counted behind the last translation: tcpdump sees it before the first one. */
const COUNTERS: readonly string[] = [
  'nft add table ip count',
  "nft add chain ip count input '{ type filter hook input priority 300; }'",
];

function countingRule(line: string, i: number): string {
  return `nft add rule ip count input ${matchOf(line)} counter comment ${nameOf(i)}`;
}

function countCommand(i: number): string {
  return `nft list chain ip count input | awk '/"${nameOf(i)}"/ { print $(NF-4) }'`;
}

const nameOf = (i: number): string => `check-${i + 1}`;

const LINE = /^(?:([\d.]+)\.(\d+))? > ([\d.]+)\.(\d+): ?(?:Flags \[([FSRP.]*)\])?$/;

/** What packets match that tcpdump prints with `line`. @throws LabwireError if it says more than a rule can */
function matchOf(line: string): string {
  const m = LINE.exec(line);
  if (m === null) throw new LabwireError(`no rule counts packets like "${line}"`);
  const [, src, sport, dst, dport, flags] = m;
  const proto = flags === undefined ? 'udp' : 'tcp';
  const from = src === undefined ? '' : `ip saddr ${src} ${proto} sport ${sport} `;
  const exactly = flags === undefined ? '' : ` tcp flags == ${flagBits(flags)}`;
  return `${from}ip daddr ${dst} ${proto} dport ${dport}${exactly}`;
}

function flagBits(letters: string): number {
  return FLAGS.reduce((sum, [bit, letter]) => sum + (letters.includes(letter) ? bit : 0), 0);
}
