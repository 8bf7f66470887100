/** What can be said of each protocol. conntrack-tools extensions/libct_proto_*.c */
import { icmpInverse, TCP_CT_NAMES } from '@labwire/devices/conntrack';
import { atoi } from '../../libc-net/index.ts';
import { parameterProblem } from '../error.ts';
import { type Command, checkOptions, type Legality } from './options.ts';
import type { Template } from './template.ts';
import { strtoul } from './values.ts';

/** An option of a protocol. */
export interface ProtoOption {
  /** What errors call it. */
  readonly name: string;
  /** Its long options; the first is listed by -h. */
  readonly longs: readonly string[];
  /** Takes its value. `set`: whether an address of the reply was given before. */
  readonly take: (t: Template, arg: string) => void;
}

/** A protocol with options. `struct ctproto_handler` */
export interface Protocol {
  readonly name: string;
  readonly number: number;
  readonly options: readonly ProtoOption[];
  readonly legal: Legality;
  /** Options 0, 1 or 2, 3 must be given together; else what to specify. */
  readonly pairs: readonly [orig: string, reply: string] | undefined;
  readonly help: readonly string[];
}

/** The states of SCTP that the kernel knows of. */
export const SCTP_STATES: readonly string[] = [
  'NONE',
  'CLOSED',
  'COOKIE_WAIT',
  'COOKIE_ECHOED',
  'ESTABLISHED',
  'SHUTDOWN_SENT',
  'SHUTDOWN_RECD',
  'SHUTDOWN_ACK_SENT',
];
const DCCP_STATES: readonly string[] =
  'NONE REQUEST RESPOND PARTOPEN OPEN CLOSEREQ CLOSING TIMEWAIT IGNORE INVALID'.split(' ');
/** LISTEN is what SYN_SENT2 was called. */
const TCP_LISTEN = 9;

type PortField = 'sport' | 'dport';
type Side = 'orig' | 'reply' | 'mask' | 'exp';

function portOption(
  number: number,
  side: Side,
  field: PortField,
  name: string,
  longs: readonly string[],
  read: (arg: string) => number = atoi,
): ProtoOption {
  return {
    name,
    longs,
    take: (t, arg) => {
      t[side][field] = read(arg) & 0xffff;
      t[side].proto = number;
    },
  };
}

function ports(number: number): ProtoOption[] {
  const option = (side: Side, field: PortField, name: string, ...longs: string[]): ProtoOption =>
    portOption(number, side, field, name, longs);
  return [
    option('orig', 'sport', 'sport', 'orig-port-src', 'sport'),
    option('orig', 'dport', 'dport', 'orig-port-dst', 'dport'),
    option('reply', 'sport', 'reply-port-src', 'reply-port-src'),
    option('reply', 'dport', 'reply-port-dst', 'reply-port-dst'),
    option('mask', 'sport', 'mask-port-src', 'mask-port-src'),
    option('mask', 'dport', 'mask-port-dst', 'mask-port-dst'),
  ];
}

function tuplePorts(number: number): ProtoOption[] {
  return [
    portOption(number, 'exp', 'sport', 'tuple-port-src', ['tuple-port-src']),
    portOption(number, 'exp', 'dport', 'tuple-port-dst', ['tuple-port-dst']),
  ];
}

function stateOption(proto: string, states: readonly string[], unknown: string): ProtoOption {
  return {
    name: 'state',
    longs: ['state'],
    take: (t, arg) => {
      const at = states.indexOf(arg);
      if (at >= 0) t.state = at;
      else if (proto === 'TCP' && arg === 'LISTEN') t.state = TCP_LISTEN;
      else throw parameterProblem(`${unknown} ${proto} state \`${arg}'`);
    },
  };
}

const PORT_HELP = [
  '--orig-port-src\t\toriginal source port',
  '--orig-port-dst\t\toriginal destination port',
  '--reply-port-src\t\treply source port',
  '--reply-port-dst\t\treply destination port',
  '--mask-port-src\t\tmask source port',
  '--mask-port-dst\t\tmask destination port',
  '--tuple-port-src\t\texpectation tuple src port',
  '--tuple-port-src\t\texpectation tuple dst port',
];
const PORT_PAIRS = [
  "`--sport' and `--dport'",
  "`--reply-src-port' and `--reply-dst-port'",
] as const;

/** The same rule for several commands. */
function rules(...rows: readonly (readonly [commands: string, rule: string])[]): Legality {
  const out: Legality = {};
  for (const [commands, rule] of rows)
    for (const c of commands.split(' ')) out[c as Command] = rule;
  return out;
}

const udpLike = (name: string, number: number): Protocol => ({
  name,
  number,
  options: [...ports(number), ...tuplePorts(number)],
  legal: rules(
    ['L U D E', '22220000'],
    ['I A G', '33330000'],
    ['XI', '11001111'],
    ['XD XG', '11110000'],
  ),
  pairs: PORT_PAIRS,
  help: PORT_HELP,
});

const tcp: Protocol = {
  name: 'tcp',
  number: 6,
  options: [...ports(6), stateOption('TCP', TCP_CT_NAMES, 'unknown'), ...tuplePorts(6)],
  legal: rules(
    ['L U D E', '222200200'],
    ['I A', '333300100'],
    ['G', '333300200'],
    ['XI', '110011011'],
    ['XD XG', '111100000'],
  ),
  pairs: PORT_PAIRS,
  help: [...PORT_HELP, '--state\t\t\tTCP state, fe. ESTABLISHED'],
};

function vtag(name: string, dir: 0 | 1): ProtoOption {
  return {
    name,
    longs: [name],
    take: (t, arg) => {
      const [orig, reply] = t.vtags ?? [0, 0];
      const tag = atoi(arg) >>> 0;
      t.vtags = dir === 0 ? [tag, reply] : [orig, tag];
    },
  };
}

const sctp: Protocol = {
  name: 'sctp',
  number: 132,
  options: [
    ...ports(132),
    stateOption('SCTP', SCTP_STATES, 'unknown'),
    ...tuplePorts(132),
    vtag('orig-vtag', 0),
    vtag('reply-vtag', 1),
  ],
  legal: rules(
    ['L D E', '22220020000'],
    ['U', '22220020022'],
    ['I A', '33330010011'],
    ['G', '33330020022'],
    ['XI', '11001101111'],
    ['XD XG', '11110000000'],
  ),
  pairs: PORT_PAIRS,
  help: [
    ...PORT_HELP,
    '--state\t\t\tSCTP state, fe. ESTABLISHED',
    '--orig-vtag\t\toriginal verification tag',
    '--reply-vtag\t\treply verification tag',
  ],
};

/** The kernel tracks DCCP as it does any protocol: it keeps neither ports nor state of it. */
const dccp: Protocol = {
  name: 'dccp',
  number: 33,
  options: [
    ...ports(33),
    stateOption('DCCP', DCCP_STATES, 'Unknown'),
    ...tuplePorts(33),
    {
      name: 'role',
      longs: ['role'],
      take: (_, arg) => {
        const word = arg.toLowerCase();
        if (!'client'.startsWith(word) && !'server'.startsWith(word))
          throw parameterProblem(`Unknown DCCP role \`${arg}'`);
      },
    },
  ],
  legal: rules(
    ['L U D E', '2222002000'],
    ['I A', '3333001001'],
    ['G', '3333002000'],
    ['XI', '1100110111'],
    ['XD XG', '1111000000'],
  ),
  pairs: ["`--sport' and `--dport'", "`--reply-port-src' and `--report-port-dst'"],
  help: [...PORT_HELP, '--state\t\t\tDCCP state, fe. RESPOND'],
};

function icmpLike(name: string, number: number): Protocol {
  const option = (what: string, set: (t: Template, value: number) => void): ProtoOption => ({
    name: `${name}-${what}`,
    longs: [`${name}-${what}`],
    take: (t, arg) => {
      set(t, atoi(arg));
      t.orig.proto = number;
      if (t.reply.family !== undefined) t.reply.proto = number;
    },
  });
  return {
    name,
    number,
    options: [
      option('type', (t, v) => {
        t.icmpType = v & 0xff;
      }),
      option('code', (t, v) => {
        t.icmpCode = v & 0xff;
      }),
      option('id', (t, v) => {
        t.icmpId = v & 0xffff;
      }),
    ],
    legal: rules(['L U D E', '222'], ['I A G', '112']),
    pairs: undefined,
    help: ['type', 'code', 'id'].map((w) => `--${name}-${w}\t\t\t${name} ${w}`),
  };
}

function keys(): ProtoOption[] {
  const option = (side: Side, field: PortField, name: string, ...longs: string[]): ProtoOption =>
    portOption(47, side, field, name, longs, strtoul);
  return [
    option('orig', 'sport', 'srckey', 'orig-key-src', 'srckey'),
    option('orig', 'dport', 'dstkey', 'orig-key-dst', 'dstkey'),
    option('reply', 'sport', 'reply-key-src', 'reply-key-src'),
    option('reply', 'dport', 'reply-key-dst', 'reply-key-dst'),
    option('mask', 'sport', 'mask-key-src', 'mask-key-src'),
    option('mask', 'dport', 'mask-key-dst', 'mask-key-dst'),
    option('exp', 'sport', 'tuple-key-src', 'tuple-key-src'),
    option('exp', 'dport', 'tuple-key-dst', 'tuple-key-dst'),
  ];
}

const gre: Protocol = {
  name: 'gre',
  number: 47,
  options: keys(),
  legal: rules(
    ['L U D E', '22220000'],
    ['I A G', '33330000'],
    ['XI', '11111111'],
    ['XD XG', '11110000'],
  ),
  pairs: ["`--srckey' and `--dstkey'", "`--reply-src-key' and `--reply-dst-key'"],
  help: PORT_HELP.map((l) => l.replaceAll('port', 'key')),
};

/** The protocols with options. */
export const PROTOCOLS: readonly Protocol[] = [
  gre,
  icmpLike('icmpv6', 58),
  icmpLike('icmp', 1),
  dccp,
  sctp,
  udpLike('udplite', 136),
  udpLike('udp', 17),
  tcp,
];

/** One that has no options. */
function plain(number: number): Protocol {
  return {
    name: 'unknown',
    number,
    options: [],
    legal: {},
    pairs: undefined,
    help: ['no options (unsupported)'],
  };
}

/** A protocol by name or number; undefined if there is none. `findproto()` @param lookUp /etc/protocols */
export function findProtocol(
  text: string,
  lookUp: (name: string) => number | undefined,
): Protocol | undefined {
  const named = PROTOCOLS.find((p) => p.name === text.toLowerCase());
  if (named !== undefined) return named;
  const known = lookUp(text);
  if (known !== undefined) return plain(known);
  if (!/^\s*[+-]?(0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  const number = strtoul(text);
  if (number > 255) return undefined;
  return PROTOCOLS.find((p) => p.number === number) ?? plain(number);
}

/** The protocol of a number, if it has options. */
export function protocolOf(number: number): Protocol | undefined {
  return PROTOCOLS.find((p) => p.number === number);
}

/** Checks a protocol's options against a command, and fills in what follows from them. `final_check()` */
export function checkProtocol(
  p: Protocol,
  command: Command | undefined,
  given: ReadonlySet<number>,
  t: Template,
): void {
  if (p.options.length === 0 && t.reply.family !== undefined) t.reply.proto ??= p.number;
  const suggest = checkOptions({
    given: (i) => given.has(i),
    legal: (command === undefined ? undefined : p.legal[command]) ?? '',
    names: p.options.map((o) => o.name),
    pairs:
      p.pairs === undefined
        ? []
        : [
            [0, 1],
            [2, 3],
          ],
  });
  if (suggest !== undefined && p.pairs !== undefined)
    throw parameterProblem(`you have to specify ${p.pairs[suggest]}`);
}

/** The type of ICMP that answers `type`, 0 for none. */
export function answerType(proto: number, type: number): number {
  return icmpInverse(proto, type) ?? 0;
}
