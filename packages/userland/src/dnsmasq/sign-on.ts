import { formatInet } from '../libc-net/index.ts';
import type { Config } from './config/index.ts';
import type { Log } from './log.ts';
import { isPrivateNet, type Network } from './network/index.ts';
import { COMPILE_OPTIONS, VERSION } from './version.ts';

/** Above this many entries a cache is said to be too large. */
const LARGE_CACHE = 10_000;

/** The first lines of the log. */
export function announceStart(log: Log, config: Config): void {
  const { port, cacheSize } = config;
  const cache = cacheSize === 0 ? 'cache disabled' : `cachesize ${cacheSize}`;
  log.info(`started, version ${VERSION} ${port === 0 ? 'DNS disabled' : cache}`);
  if (port !== 0) {
    if (cacheSize > LARGE_CACHE)
      log.warning(
        'cache size greater than 10000 may cause performance issues, and is unlikely to be useful.',
      );
    if (config.has('local-service')) log.info('DNS service limited to local subnets');
    else if (config.has('localhost-service')) log.info('DNS service limited to localhost');
  }
  log.info(`compile time options: ${COMPILE_OPTIONS}`);
}

/** What may not be meant. */
export function warnAfterStart(log: Log, config: Config, network: Network): void {
  if (config.has('bind-interfaces')) warnPublic(log, network);
  else if (!config.has('bind-dynamic'))
    for (const { device, isLabel } of network.served)
      if (isLabel) log.warning(`warning: using interface ${device} instead`);
  for (const { device } of config.interfaceNames)
    if (!network.byLabel.has(device))
      log.warning(`warning: no addresses found for interface ${device}`);
  if (!config.has('bind-interfaces'))
    for (const { name, used } of config.interfaces)
      if (!used) log.warning(`warning: interface ${name} does not currently exist`);
  if (config.port !== 0 && config.has('no-resolv')) warnNoServers(log, config);
  if (config.logAsync !== 0 && config.logFile === undefined)
    log.info(`asynchronous logging enabled, queue limit is ${config.logAsync} messages`);
}

function warnNoServers(log: Log, config: Config): void {
  if (!config.resolvFileIsDefault)
    log.warning('warning: ignoring resolv-file flag because no-resolv is set');
  if (!config.servers.some((s) => s.kind === 'upstream'))
    log.warning('warning: no upstream servers configured');
}

/** With --bind-interfaces, a query to a public address may come in through another device. warn_bound_listeners() */
export function warnPublic(log: Log, network: Network): void {
  let advice = false;
  for (const { addr, device } of network.served) {
    if (typeof addr !== 'number' || isPrivateNet(addr, true)) continue;
    advice = true;
    log.warning(
      `LOUD WARNING: listening on ${formatInet(addr)} may accept requests via interfaces other than ${device}`,
    );
  }
  if (advice)
    log.warning(
      'LOUD WARNING: use --bind-dynamic rather than --bind-interfaces to avoid DNS amplification attacks via these interface(s)',
    );
}
