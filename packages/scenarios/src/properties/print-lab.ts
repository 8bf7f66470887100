/** Prints what a scenario did as a lab: the packets one by one, and what a requirement wants to have arrived. */
import { formatIpv4 } from '@labwire/core/addr';
import { type Check, lineOf } from './checks.ts';
import type { Outcome } from './examine.ts';
import { Seen } from './packet.ts';
import { frontMatter, type Machine } from './topology.ts';
import type { StepTrace, Trace } from './trace.ts';

/** How long a lab's longest command takes beside its waits, in seconds. */
const LINGER = 20;
/** How long packets are given to arrive, in seconds. */
const SETTLE = 0.3;

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
  const counted = checks.filter((c) => c.machine === 'nat').map((c) => countingRule(c.line));
  return [
    '---',
    `title: ${JSON.stringify(title)}`,
    `linger: ${LINGER + Math.ceil(Math.max(0, ...waits))}`,
    frontMatter(scenario.topology, {
      ...scenario,
      router: [...scenario.router, ...counted.filter((c) => c !== undefined)],
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
      (m) => `${m}# tcpdump -nvt -l -Q in --immediate-mode -i eth0 ip > ${m}.txt 2>/dev/null &`,
    ),
    'inside# sleep 0.5',
    '```',
    '',
    ...trace.steps.flatMap(printStep),
    'What has arrived in the end, and what should have:',
    '',
    ...checks.flatMap((c) => printCheck(c, trace)),
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

function printCheck(c: Check, trace: Trace): string[] {
  const total = trace.steps
    .flatMap((s) => s.arrivals)
    .filter((a) => a.machine === c.machine && lineOf(a.packet).includes(c.line)).length;
  const wanted = total - c.got + c.wanted;
  const command = c.machine === 'nat' ? countCommand(c.line) : grep(c.machine, c.line);
  if (command === undefined) return [];
  const times = wanted === 1 ? 'once' : wanted === 0 ? 'never' : `${wanted} times`;
  return [
    `- ${c.what}: \`${c.line.trim()}\` ${times} at \`${c.machine}\``,
    '',
    '```console',
    `${c.machine}# ${command}`,
    String(wanted),
    '```',
    '',
  ];
}

function grep(machine: Machine, line: string): string {
  return `grep -cF '${line}' ${machine}.txt`;
}

/** What the router's programs get is counted by a rule: tcpdump sees it before it is translated. */
function countingRule(line: string): string | undefined {
  const match = matchOf(line);
  return match === undefined ? undefined : `iptables -t mangle -A INPUT ${match}`;
}

function countCommand(line: string): string | undefined {
  const match = matchOf(line);
  if (match === undefined) return undefined;
  return `iptables -t mangle -nvxL INPUT | awk '/${spelled(line)}/ { n = $1 } END { print n }'`;
}

const LINE = /^([\d.]+)\.(\d+) > ([\d.]+)\.(\d+): (?:Flags \[([FSRP.]*)\])?$/;

function matchOf(line: string): string | undefined {
  const m = LINE.exec(line);
  if (m === null) return undefined;
  const [, src, sport, dst, dport, flags] = m;
  const proto = flags === undefined ? 'udp' : 'tcp';
  const syn = flags === 'S' ? ' --tcp-flags SYN,ACK SYN' : '';
  return `-p ${proto} -s ${src} --sport ${sport} -d ${dst} --dport ${dport}${syn}`;
}

/** The part of a rule's listing that names its ports. */
function spelled(line: string): string {
  const m = LINE.exec(line);
  const proto = m?.[5] === undefined ? 'udp' : 'tcp';
  return `${proto} spt:${m?.[2]} dpt:${m?.[4]}`;
}
