import { MS, US } from '@labwire/core/sim';
import { HOME_LINK, type Surroundings } from '../../lab/config/index.ts';
import { EXCHANGE, ISP, LAPTOP_MACHINE, RESOLVERS, TRANSIT } from './internet.ts';
import { ROUTER } from './router.ts';
import { SITES_MACHINE } from './sites.ts';

/** What is around a machine at home: its LAN, a provider and a small internet, each link as long as such links are. */
export const HOME: Surroundings = {
  machines: [ROUTER, LAPTOP_MACHINE, ISP, EXCHANGE, TRANSIT, RESOLVERS, SITES_MACHINE],
  links: new Map([
    [HOME_LINK, {}],
    ['access', { delay: 2 * MS }],
    ['isp-exchange', { delay: 1100 * US }],
    ['exchange-resolvers', { delay: 700 * US }],
    ['exchange-transit', { delay: 6 * MS }],
    ['transit-sites', { delay: 3 * MS }],
  ]),
};
