import type { DhcpConfig, RaParameters } from '../config/index.ts';
import { nameFits } from '../network/index.ts';

/** Seconds between advertisements: by default, at most and at least. RFC 4861 section 6.2.1, MaxRtrAdvInterval */
const DEFAULT_INTERVAL = 600;
const MAX_INTERVAL = 1800;
const MIN_INTERVAL = 4;
/** Seconds: AdvDefaultLifetime. */
const MAX_LIFETIME = 9000;

/** --ra-param for a device. */
export function parametersFor(
  { raParameters }: DhcpConfig,
  device: string,
): RaParameters | undefined {
  return raParameters.find((p) => nameFits(p.device, device));
}

/** Seconds between advertisements. calc_interval() */
export function advertisementInterval(p: RaParameters | undefined): number {
  if (p === undefined || p.interval === 0) return DEFAULT_INTERVAL;
  return Math.min(MAX_INTERVAL, Math.max(MIN_INTERVAL, p.interval));
}

/** Seconds for which this is a default router. calc_lifetime() */
export function routerLifetime(p: RaParameters | undefined): number {
  const interval = advertisementInterval(p);
  if (p === undefined || p.lifetime === -1) return 3 * interval;
  if (p.lifetime === 0) return 0;
  return Math.min(MAX_LIFETIME, Math.max(interval, p.lifetime));
}
