import { formatMac, type MacAddr, parseMac } from '@labwire/core/addr';
import { type Nanos, SEC } from '@labwire/core/sim';
import { type LearningSwitch, SwitchPort } from './switch.ts';

/** What management knows of the switch beside its ports. */
export interface SwitchFacts {
  readonly pid: number;
  readonly mac: MacAddr;
  readonly started: Nanos;
  readonly now: () => Nanos;
  readonly ctl: string;
  readonly mgmt: string | undefined;
}

export const VERSION_LINES =
  'VDE switch V.2.3.2\n(C) Virtual Square Team (coord. R. Davoli) 2005,2006,2007 - GPLv2\n\n';

/** errno(3) by number, as answers give them. */
const SUCCESS = '1000 Success';
const FAILED = {
  enoent: '1002 No such file or directory',
  enxio: '1006 No such device or address',
  eexist: '1017 File exists',
  enodev: '1019 No such device',
  einval: '1022 Invalid argument',
  eaddrinuse: '1098 Address already in use',
  enosys: '1038 Function not implemented',
} as const;

/** What a command shows, and how it ended. */
interface Outcome {
  /** Absent: it shows nothing. */
  readonly data?: string;
  readonly end: string;
}

interface Command {
  readonly path: string;
  readonly syntax: string;
  readonly help: string;
  readonly run: ((args: readonly string[]) => Outcome) | undefined;
}

const done: Outcome = { end: SUCCESS };
const fail = (why: keyof typeof FAILED): Outcome => ({ end: FAILED[why] });
const show = (data: string): Outcome => ({ data, end: SUCCESS });
const four = (n: number): string => String(n).padStart(4, '0');

/** The commands of a switch. vde2 src/vde_switch/consmgmt.c */
export class Management {
  readonly #switch: LearningSwitch;
  readonly #facts: SwitchFacts;

  constructor(lan: LearningSwitch, facts: SwitchFacts) {
    this.#switch = lan;
    this.#facts = facts;
  }

  /** Answers a line. @returns undefined if the session or the switch is to end */
  answer(line: string): string | 'logout' | 'shutdown' {
    const [path = '', ...args] = line.trim().split(/\s+/);
    if (path === '') return '';
    if (path === 'logout' || path === 'shutdown') return path;
    if (path === 'help') return this.#text(this.#help(args[0]));
    const command = this.#commands().find((c) => c.path === path);
    if (command?.run === undefined) return `${FAILED.enosys}\n`;
    return this.#text(command.run(args));
  }

  #text({ data, end }: Outcome): string {
    return data === undefined ? `${end}\n` : `0000 DATA END WITH '.'\n${data}.\n${end}\n`;
  }

  #help(prefix: string | undefined): Outcome {
    const rows = this.#commands().filter((c) => c.path.startsWith(prefix ?? ''));
    const lines = rows.map((c) => `${c.path.padEnd(18)} ${c.syntax.padEnd(15)} ${c.help}\n`);
    const head =
      'COMMAND PATH       SYNTAX          HELP\n------------       --------------  ------------\n';
    return show(head + lines.join(''));
  }

  #commands(): readonly Command[] {
    const lan = this.#switch;
    const row = (
      path: string,
      syntax: string,
      help: string,
      run?: (args: readonly string[]) => Outcome,
    ): Command => ({ path, syntax, help, run });
    const menu = (path: string, help: string): Command => row(path, '============', help);
    const number =
      (act: (n: number) => void) =>
      (args: readonly string[]): Outcome => {
        const n = Number(args[0]);
        if (args[0] === undefined || !Number.isInteger(n) || n < 0) return fail('einval');
        act(n);
        return done;
      };
    return [
      menu('ds', 'DATA SOCKET MENU'),
      row('ds/showinfo', '', 'show ds info', () =>
        show(`ctl dir ${this.#facts.ctl}\nstd mode 0600\n`),
      ),
      row('help', '[arg]', 'Help (limited to arg when specified)'),
      row('logout', '', 'logout from this mgmt terminal'),
      row('shutdown', '', 'shutdown of the switch'),
      row('showinfo', '', 'show switch version and info', () => this.#showInfo()),
      menu('hash', 'HASH TABLE MENU'),
      row('hash/showinfo', '', 'show hash info', () =>
        show(
          `Hash size ${lan.hashSize}\nGC interval ${lan.gcInterval} secs\nGC expire ${lan.expire} secs\nMin persistence ${lan.minPersistence} secs\n`,
        ),
      ),
      row(
        'hash/setexpire',
        'N',
        'change hash entries expire time',
        number((n) => {
          lan.expire = n;
        }),
      ),
      row(
        'hash/setminper',
        'N',
        'minimum persistence time',
        number((n) => {
          lan.minPersistence = n;
        }),
      ),
      row('hash/print', '', 'print the hash table', () => show(this.#hash())),
      row('hash/find', 'MAC [VLAN]', 'MAC lookup', (args) => this.#find(args)),
      menu('port', 'PORT STATUS MENU'),
      row('port/showinfo', '', 'show port info', () =>
        show(`Numports=${lan.numPorts}\nHUB=${lan.isHub}\ncounters=true\n`),
      ),
      row(
        'port/setnumports',
        'N',
        'set the number of ports',
        number((n) => {
          lan.numPorts = n;
        }),
      ),
      row(
        'port/sethub',
        '0/1',
        '1=HUB 0=switch',
        number((n) => {
          lan.isHub = n !== 0;
        }),
      ),
      row('port/setvlan', 'N VLAN', 'set port VLAN (untagged)', (args) => this.#setVlan(args)),
      row('port/create', 'N', 'create the port N (inactive|notallocatable)', ([n]) =>
        this.#create(Number(n)),
      ),
      row('port/remove', 'N', 'remove the port N', ([n]) => this.#remove(Number(n))),
      row('port/print', '[N]', 'print the port/endpoint table', ([n]) => this.#ports(n, false)),
      row(
        'port/allprint',
        '[N]',
        'print the port/endpoint table (including inactive port)',
        ([n]) => this.#ports(n, true),
      ),
      menu('vlan', 'VLAN MANAGEMENT MENU'),
      row('vlan/create', 'N', 'create the VLAN with tag N', ([n]) => this.#createVlan(Number(n))),
      row('vlan/remove', 'N', 'remove the VLAN with tag N', ([n]) =>
        Number(n) !== 0 && lan.vlans.delete(Number(n)) ? done : fail('enxio'),
      ),
      row('vlan/print', '[N]', 'print the list of defined vlan', () => show(this.#vlans())),
    ];
  }

  #showInfo(): Outcome {
    const { pid, mac, started, now, mgmt } = this.#facts;
    const uptime = Math.floor((now() - started) / SEC);
    const where = mgmt === undefined ? '' : `mgmt ${mgmt} perm 0600\n`;
    return show(`${VERSION_LINES}pid ${pid} MAC ${formatMac(mac)} uptime ${uptime}\n${where}`);
  }

  #hash(): string {
    return this.#switch
      .entries()
      .map((e) => {
        const age = Math.floor((this.#facts.now() - e.at) / SEC);
        const bucket = e.mac % this.#switch.hashSize;
        return `Hash: ${four(bucket)} Addr: ${formatMac(e.mac as MacAddr)} VLAN ${four(e.vlan)} to port: ${String(e.port).padStart(3, '0')}  age ${age} secs\n`;
      })
      .join('');
  }

  #find([text = '', vlan = '0']: readonly string[]): Outcome {
    const mac = parseMac(text);
    if (mac === undefined) return { data: '', end: FAILED.einval };
    const found = this.#switch.entries().find((e) => e.mac === mac && e.vlan === Number(vlan));
    if (found === undefined) return { data: '', end: FAILED.enodev };
    const line = this.#hash()
      .split('\n')
      .find((l) => l.includes(formatMac(mac)));
    return show(`${line}\n`);
  }

  #setVlan([port, vlan]: readonly string[]): Outcome {
    const found = this.#switch.ports.get(Number(port));
    if (found === undefined || !this.#switch.vlans.has(Number(vlan))) return fail('enxio');
    found.vlan = Number(vlan);
    return done;
  }

  #create(n: number): Outcome {
    const { ports, numPorts } = this.#switch;
    if (!Number.isInteger(n) || n < 1 || n > numPorts) return fail('einval');
    if (ports.has(n)) return fail('eexist');
    ports.set(n, new SwitchPort(n, false));
    return done;
  }

  #remove(n: number): Outcome {
    const port = this.#switch.ports.get(n);
    if (port === undefined) return fail('enxio');
    if (port.endpoints.length > 0) return fail('eaddrinuse');
    this.#switch.ports.delete(n);
    return done;
  }

  #createVlan(n: number): Outcome {
    if (!Number.isInteger(n) || n < 1 || n > 4094) return fail('einval');
    if (this.#switch.vlans.has(n)) return fail('eexist');
    this.#switch.vlans.add(n);
    return done;
  }

  #vlans(): string {
    const ports = [...this.#switch.ports.values()];
    return [...this.#switch.vlans]
      .sort((a, b) => a - b)
      .map((vlan) => {
        const members = ports.filter((p) => p.vlan === vlan && p.endpoints.length > 0);
        const lines = members.map(
          (p) => ` -- Port ${four(p.number)} tagged=0 active=1 status=Forwarding\n`,
        );
        return `VLAN ${four(vlan)}\n${lines.join('')}`;
      })
      .join('');
  }

  #ports(wanted: string | undefined, all: boolean): Outcome {
    const ports = [...this.#switch.ports.values()].sort((a, b) => a.number - b.number);
    const shown = ports.filter(
      (p) =>
        (wanted === undefined || p.number === Number(wanted)) && (all || p.endpoints.length > 0),
    );
    const beyond = Number(wanted) > this.#switch.numPorts;
    if (wanted !== undefined && shown.length === 0)
      return { data: '', end: beyond ? FAILED.einval : FAILED.enxio };
    return show(shown.map(portText).join(''));
  }
}

function portText(p: SwitchPort): string {
  const active = p.endpoints.length > 0;
  const counter = (label: string, packets: number, bytes: number): string =>
    ` ${label} pkts ${String(packets).padStart(10)}          bytes ${String(bytes).padStart(20)}\n`;
  return [
    `Port ${four(p.number)} untagged_vlan=${four(p.vlan)} ${active ? '' : 'IN'}ACTIVE - ${p.unnamed ? '' : 'NOT '}Unnamed Allocatable\n`,
    ` Current User: ${p.endpoints[0]?.user ?? 'NONE'} Access Control: (User: NONE - Group: NONE)\n`,
    counter('IN: ', p.inPackets, p.inBytes),
    counter('OUT:', p.outPackets, p.outBytes),
    ...p.endpoints.map(
      (e) => `  -- endpoint ID ${four(e.id)} module ${e.module.padEnd(12)}: ${e.description}\n`,
    ),
  ].join('');
}
