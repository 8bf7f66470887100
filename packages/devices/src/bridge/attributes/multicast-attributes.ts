import { KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { Bridge } from '../bridge.ts';
import type { BridgeMulticast } from '../multicast/index.ts';
import {
  type Attribute,
  type AttributeTable,
  fixed,
  fromUserTicks,
  toUserTicks,
} from './attribute.ts';

type Fields<T> = {
  [K in keyof BridgeMulticast]: BridgeMulticast[K] extends T ? K : never;
}[keyof BridgeMulticast];
type Interval = Extract<Fields<number>, `${string}Interval`>;

/** Queries are no closer together. BR_MULTICAST_QUERY_INTVL_MIN */
const LEAST_QUERY_INTERVAL: Nanos = SEC;

function count(name: 'hashMax' | 'lastMemberCount' | 'startupQueryCount'): Attribute<Bridge> {
  return {
    show: ({ mcast }) => mcast[name],
    change: ({ mcast }, value) => {
      mcast[name] = Number(value);
    },
  };
}

function interval(name: Interval, least: Nanos = 0, what = ''): Attribute<Bridge> {
  return {
    show: ({ mcast }) => toUserTicks(mcast[name]),
    change: (bridge, value) => {
      const time = fromUserTicks(Number(value));
      bridge.mcast[name] = Math.max(time, least);
      if (time < least)
        bridge.log(
          `trying to set multicast ${what} interval below minimum, setting to ${toUserTicks(least)} (${least / 1e6}ms)`,
        );
    },
  };
}

/** A version, of the two that there are. */
function version(
  name: 'igmpVersion' | 'mldVersion',
  versions: readonly number[],
): Attribute<Bridge> {
  return {
    show: ({ mcast }) => mcast[name],
    change: ({ mcast }, value) => {
      if (!versions.includes(Number(value))) throw new KernelError('EINVAL');
      mcast[name] = Number(value);
    },
  };
}

/** IFLA_BR_MCAST_* without the prefix, in lower case. */
export const MULTICAST_ATTRIBUTES: AttributeTable<Bridge> = {
  mcast_snooping: {
    show: ({ mcast }) => Number(mcast.snooping),
    change: (bridge, value) => bridge.setMcastSnooping(Number(value) !== 0),
  },
  mcast_router: {
    show: ({ mcast }) => mcast.own.router,
    change: ({ mcast }, value) => {
      if (!mcast.setRouter(Number(value))) throw new KernelError('EINVAL');
    },
  },
  mcast_query_use_ifaddr: {
    show: ({ mcast }) => Number(mcast.queryUseIfaddr),
    change: ({ mcast }, value) => {
      mcast.queryUseIfaddr = Number(value) !== 0;
    },
  },
  mcast_querier: {
    show: ({ mcast }) => Number(mcast.querier),
    change: ({ mcast }, value) => mcast.setQuerier(Number(value) !== 0),
  },
  // kept for old programs: the hash table grows by itself
  mcast_hash_elasticity: { show: () => 16, change: () => {} },
  mcast_hash_max: count('hashMax'),
  mcast_last_member_cnt: count('lastMemberCount'),
  mcast_startup_query_cnt: count('startupQueryCount'),
  mcast_last_member_intvl: interval('lastMemberInterval'),
  mcast_membership_intvl: interval('membershipInterval'),
  mcast_querier_intvl: interval('querierInterval'),
  mcast_query_intvl: interval('queryInterval', LEAST_QUERY_INTERVAL, 'query'),
  mcast_query_response_intvl: interval('queryResponseInterval'),
  mcast_startup_query_intvl: interval(
    'startupQueryInterval',
    LEAST_QUERY_INTERVAL,
    'startup query',
  ),
  mcast_stats_enabled: fixed(0),
  mcast_igmp_version: version('igmpVersion', [2, 3]),
  mcast_mld_version: version('mldVersion', [1, 2]),
};
