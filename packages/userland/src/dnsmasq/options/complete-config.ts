import { KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import type { Cname, Config } from '../config/index.ts';
import { EC_BADCONF, EC_FILE, EC_MISC, Fatal } from '../fatal.ts';
import { canonicalise } from './option-text.ts';

/** What options come to together, once all are read. dnsmasq src/option.c, end of read_opts(); src/dnsmasq.c, start of main() @throws Fatal */
export function completeConfig(proc: Process, config: Config): void {
  for (const record of config.hostRecords) record.ttl ??= config.localTtl;
  for (const cname of config.cnames) cname.ttl ??= config.localTtl;
  refuseCnameLoop(config.cnames);
  completeMx(proc, config);
  const { resolvFiles } = config;
  if (!config.has('no-resolv') && resolvFiles.length > 1 && config.has('no-poll'))
    throw new Fatal('only one resolv.conf file allowed in no-poll mode.', EC_BADCONF);
  if (config.has('domain-from-resolv-file')) config.domain = domainOfResolvFile(proc, config);
  completeSrv(config);
  if (config.domain === undefined && config.has('dhcp-fqdn'))
    throw new Fatal('there must be a default domain when --dhcp-fqdn is set', EC_BADCONF);
  completeService(config);
}

function refuseCnameLoop(cnames: readonly Cname[]): void {
  const byAlias = new Map(cnames.map((c) => [c.alias.toLowerCase(), c]));
  const next = (c: Cname) => byAlias.get(c.target.toLowerCase());
  for (const start of cnames) {
    const passed = new Set<Cname>();
    for (let at = next(start); at !== undefined; at = next(at)) {
      if (passed.has(at)) throw new Fatal(`CNAME loop involving ${start.alias}`, EC_BADCONF);
      passed.add(at);
    }
  }
}

/** --localmx and --mx-target make a record of this machine; records without a target get it. */
function completeMx(proc: Process, config: Config): void {
  const local = config.has('localmx');
  if (!local && config.mxHosts.length === 0 && config.mxTarget === undefined) return;
  const host = proc.machine.hostname;
  const known = config.mxHosts.some((mx) => mx.name.toLowerCase() === host.toLowerCase());
  if ((config.mxTarget !== undefined || local) && !known)
    config.mxHosts.unshift({ name: host, target: undefined, preference: 0 });
  config.mxTarget ??= host;
  for (const mx of config.mxHosts) mx.target ??= config.mxTarget;
}

/** A service without a domain, `_http._tcp`, is one of ours. */
function completeSrv(config: Config): void {
  if (config.domain === undefined) return;
  for (const srv of config.srvHosts)
    if (srv.name.split('.').length === 2) srv.name = `${srv.name}.${config.domain}`;
}

function domainOfResolvFile(proc: Process, config: Config): string {
  const [path, more] = config.resolvFiles;
  if (config.has('no-resolv') || path === undefined || more !== undefined)
    throw new Fatal('must have exactly one resolv.conf to read domain from.', EC_BADCONF);
  let text: string;
  try {
    text = proc.fs.readText(path);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new Fatal(`failed to read ${path}: ${strerror(e.errno)}`, EC_FILE);
  }
  for (const line of text.split('\n')) {
    const [key, first] = line.trim().split(/[ \t]+/);
    const domain = key === 'search' && first !== undefined ? canonicalise(first) : undefined;
    if (domain !== undefined) return domain;
  }
  throw new Fatal(`no search directive found in ${path}`, EC_MISC);
}

/** --local-service holds only without any other rule of who is served. */
function completeService(config: Config): void {
  const { interfaces, exceptInterfaces, listenAddresses, flags } = config;
  if (interfaces.length + exceptInterfaces.length + listenAddresses.length > 0) {
    flags.delete('local-service');
    flags.delete('localhost-service');
  } else if (config.has('localhost-service') && !config.has('local-service')) {
    config.restricted = true;
    flags.add('bind-interfaces');
  }
}
