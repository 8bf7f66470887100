import type { NetDevice } from '@labwire/devices/link';
import type { Driver } from './drivers.ts';

/** Bytes that a driver counts of each frame beside the kernel's own count. */
type Counter = (dev: NetDevice) => number;

const rxPackets: Counter = ({ stats }) => stats.rxPackets;
const txPackets: Counter = ({ stats }) => stats.txPackets;
const rxBytes: Counter = ({ stats }) => stats.rxBytes;
const txBytes: Counter = ({ stats }) => stats.txBytes;
const rxDropped: Counter = ({ stats }) => stats.rxDropped;
const multicast: Counter = ({ stats }) => stats.multicast;

/** What drivers count, in their order: a name with a counter of ours behind it, or one that stays 0 here. */
const NAMES: Readonly<Record<string, readonly (string | readonly [string, Counter])[]>> = {
  virtio_net: [
    ['rx_queue_0_packets', rxPackets],
    ['rx_queue_0_bytes', rxBytes],
    ['rx_queue_0_drops', rxDropped],
    ...['rx_queue_0_xdp_packets', 'rx_queue_0_xdp_tx', 'rx_queue_0_xdp_redirects'],
    'rx_queue_0_xdp_drops',
    ['rx_queue_0_kicks', rxPackets],
    ['tx_queue_0_packets', txPackets],
    ['tx_queue_0_bytes', txBytes],
    ...['tx_queue_0_xdp_tx', 'tx_queue_0_xdp_tx_drops'],
    ['tx_queue_0_kicks', txPackets],
    'tx_queue_0_tx_timeouts',
  ],
  '8139cp': [
    ['tx_ok', txPackets],
    ['rx_ok', rxPackets],
    ...['tx_err', 'rx_err', 'rx_fifo', 'frame_align', 'tx_ok_1col', 'tx_ok_mcol', 'rx_ok_phys'],
    'rx_ok_bcast',
    ['rx_ok_mcast', multicast],
    ...['tx_abort', 'tx_underrun', 'rx_frags'],
  ],
  veth: [
    ['peer_ifindex', (dev) => dev.linkDevice?.ifindex ?? 0],
    ...['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx'].map(
      (n) => `rx_queue_0_${n}`,
    ),
    ...['rx_queue_0_xdp_tx_errors', 'tx_queue_0_xdp_xmit', 'tx_queue_0_xdp_xmit_errors'],
  ],
};

/** What Intel's drivers begin with. */
const INTEL: readonly (string | readonly [string, Counter])[] = [
  ['rx_packets', rxPackets],
  ['tx_packets', txPackets],
  ['rx_bytes', rxBytes],
  ['tx_bytes', txBytes],
];
const E1000_MORE =
  'rx_broadcast tx_broadcast rx_multicast tx_multicast rx_errors tx_errors tx_dropped multicast collisions ' +
  'rx_length_errors rx_over_errors rx_crc_errors rx_frame_errors rx_no_buffer_count rx_missed_errors ' +
  'tx_aborted_errors tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_window_errors tx_abort_late_coll ' +
  'tx_deferred_ok tx_single_coll_ok tx_multi_coll_ok tx_timeout_count tx_restart_queue rx_long_length_errors ' +
  'rx_short_length_errors rx_align_errors tx_tcp_seg_good tx_tcp_seg_failed rx_flow_control_xon ' +
  'rx_flow_control_xoff tx_flow_control_xon tx_flow_control_xoff';
const E1000_END =
  ' rx_long_byte_count rx_csum_offload_good rx_csum_offload_errors alloc_rx_buff_failed tx_smbus rx_smbus dropped_smbus';
const E1000E_END =
  ' rx_csum_offload_good rx_csum_offload_errors rx_header_split alloc_rx_buff_failed tx_smbus rx_smbus dropped_smbus ' +
  'rx_dma_failed tx_dma_failed rx_hwtstamp_cleared uncorr_ecc_errors corr_ecc_errors tx_hwtstamp_timeouts ' +
  'tx_hwtstamp_skipped';
const E100_MORE =
  'rx_errors tx_errors rx_dropped tx_dropped multicast collisions rx_length_errors rx_over_errors rx_crc_errors ' +
  'rx_frame_errors rx_fifo_errors rx_missed_errors tx_aborted_errors tx_carrier_errors tx_fifo_errors ' +
  'tx_heartbeat_errors tx_window_errors tx_deferred tx_single_collisions tx_multi_collisions tx_flow_control_pause ' +
  'rx_flow_control_pause rx_flow_control_unsupported tx_tco_packets rx_tco_packets rx_short_frame_errors ' +
  'rx_over_length_errors';

/** Names that count the same as one of ours. */
const KNOWN: Readonly<Record<string, Counter>> = {
  rx_multicast: multicast,
  multicast,
  rx_dropped: rxDropped,
  tx_dropped: ({ stats }) => stats.txDropped,
  rx_errors: ({ stats }) => stats.rxErrors,
  rx_long_byte_count: rxBytes,
};

const intel = (text: string): readonly (string | readonly [string, Counter])[] => [
  ...INTEL,
  ...text.split(' ').map((name) => {
    const counter = KNOWN[name];
    return counter === undefined ? name : ([name, counter] as const);
  }),
];

function namesOf({ name }: Driver): readonly (string | readonly [string, Counter])[] | undefined {
  if (name === 'e1000') return intel(E1000_MORE + E1000_END);
  if (name === 'e1000e') return intel(E1000_MORE + E1000E_END);
  if (name === 'e100') return intel(E100_MORE);
  return NAMES[name];
}

/**
 * What `-S` prints; undefined if the driver counts nothing.
 * @deviation vmxnet3's counters by kind of packet are not kept
 */
export function statistics(dev: NetDevice, driver: Driver): string | undefined {
  const lines = namesOf(driver)?.map((entry) => {
    const [name, count] = typeof entry === 'string' ? [entry, 0] : [entry[0], entry[1](dev)];
    return `     ${name}: ${count}\n`;
  });
  return lines === undefined ? undefined : `NIC statistics:\n${lines.join('')}`;
}
