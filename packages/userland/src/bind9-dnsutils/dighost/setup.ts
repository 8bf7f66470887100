import { parseInet, parseScopedIpv6 } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { resolve, reverseName } from '../../resolver/index.ts';
import type { LookupServer } from './lookup.ts';
import type { Session } from './session.ts';

/** Ends a program with a message and an exit code. BIND bin/dig/dighost.c, fatal() */
export class LookupFatal extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

const MAX_NDOTS = 15;

function confLines(proc: Process): string[][] {
  const { fs } = proc;
  if (!fs.exists('/etc/resolv.conf')) return [];
  const lines = fs.readText('/etc/resolv.conf').split('\n');
  return lines.filter((l) => !/^[#;]/.test(l)).map((l) => l.trim().split(/\s+/));
}

function option(lines: readonly string[][], name: string): number | undefined {
  const words = lines.filter(([key]) => key === 'options').flat();
  const text = words
    .filter((w) => w.startsWith(`${name}:`))
    .at(-1)
    ?.slice(name.length + 1);
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

/** Takes over what resolv.conf says. setup_system() */
export function setupFromResolvConf(session: Session): void {
  const lines = confLines(session.proc);
  const search = lines.filter(([key]) => key === 'search' || key === 'domain').at(-1);
  session.search =
    search === undefined ? [] : search.slice(1, search[0] === 'domain' ? 2 : undefined);
  session.ndots = Math.min(option(lines, 'ndots') ?? 1, MAX_NDOTS);
  session.timeout = option(lines, 'timeout') ?? 0;
  session.tries = option(lines, 'attempts') || 3;
  const named = lines.filter(([key]) => key === 'nameserver').slice(0, 3);
  for (const [, text = ''] of named) {
    const server = literalServer(session.proc, text);
    if (server !== undefined && fits(session, server)) session.servers.push(server);
  }
  if (session.servers.length > 0) return;
  for (const text of ['::1', '127.0.0.1']) {
    const server = literalServer(session.proc, text);
    if (server !== undefined && fits(session, server)) session.servers.push(server);
  }
}

function fits({ family }: Session, { addr }: LookupServer): boolean {
  return family === undefined || (typeof addr.addr === 'number') === (family === 'inet');
}

function literalServer(proc: Process, text: string): LookupServer | undefined {
  const addr = parseInet(text);
  const at = addr === undefined ? parseScopedIpv6(text, proc.netns) : { addr, port: 0 };
  return at && { addr: at, userArg: text };
}

/** The addresses of a server that was named. @throws LookupFatal */
export async function serversNamed(session: Session, text: string): Promise<LookupServer[]> {
  const literal = literalServer(session.proc, text);
  if (literal !== undefined) return [literal];
  const none = (why: string) =>
    new LookupFatal(`couldn't get address for '${text}': ${why}`, session.exitCode || 1);
  if (text === '') throw none('not found');
  const found = await resolve(session.proc, text);
  if ('error' in found) throw none(found.error === 'EAI_AGAIN' ? 'failure' : 'not found');
  return found.addrs.map((addr) => ({ addr, userArg: text })).filter((s) => fits(session, s));
}

/** The name of an address, for a lookup the other way. @param strict whether anything but an address is refused */
export function reverseText(text: string, strict: boolean): string | undefined {
  const addr = parseInet(text);
  if (typeof addr === 'object') return reverseName(addr);
  if (strict && addr === undefined) return undefined;
  return `${text.split('.').reverse().join('.')}.in-addr.arpa.`;
}
