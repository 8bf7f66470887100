import type { NetDevice } from '@labwire/devices/link';
import type { Driver, LinkStyle } from './drivers.ts';

/** Bytes before what a link can do. */
const MODES_AT = 24;

function modes(what: 'Supported' | 'Advertised', style: LinkStyle): string {
  const text = what === 'Supported' ? style.modes : (style.advertised ?? 'Not reported');
  const label = `${what} link modes:`.padEnd(MODES_AT);
  return `\t${label}${text.split('\n').join(`\n\t${' '.repeat(MODES_AT)}`)}\n`;
}

function partnerRows([pause, autoneg]: readonly string[], text: string): string {
  const who = 'Link partner advertised';
  const label = `${who} link modes`;
  const indent = ' '.repeat(label.length + 3);
  return [
    `\t${label}:  ${text.split('\n').join(`\n\t${indent}`)}\n`,
    `\t${who} pause frame use: ${pause}\n`,
    `\t${who} auto-negotiation: ${autoneg}\n`,
    `\t${who} FEC modes: Not reported\n`,
  ].join('');
}

function speedRows(dev: NetDevice, style: LinkStyle): string {
  const speed = dev.linkSettings?.speed ?? style.speed ?? dev.speed;
  const duplex = dev.linkSettings?.duplex ?? style.duplex ?? 'Full';
  const known = speed >= 0;
  return [
    `\tSpeed: ${known ? `${speed}Mb/s` : 'Unknown!'}\n`,
    `\tDuplex: ${known ? duplex : 'Unknown! (255)'}\n`,
  ].join('');
}

/** What `ethtool DEV` prints. ethtool netlink/settings.c */
export function showSettings(dev: NetDevice, { link }: Driver): string | undefined {
  if (link === undefined) return undefined;
  const head = `Settings for ${dev.name}:\n`;
  const wake = link.wake === undefined ? '' : `\tSupports Wake-on: ${link.wake}\n\tWake-on: d\n`;
  const messages =
    link.messages === undefined
      ? ''
      : `        Current message level: ${link.messages[0]}\n                               ${link.messages[1]}\n`;
  const detected = `\tLink detected: ${dev.carrier && dev.isUp ? 'yes' : 'no'}\n`;
  if (link.bare === true) {
    const shown = link.messages === undefined && link.wake === undefined ? detected : '';
    return head + wake + messages + shown;
  }
  const negotiates = link.autoneg === 'on';
  const parts = [
    `\tSupported ports: [${link.ports}]\n`,
    modes('Supported', link),
    '\tSupported pause frame use: No\n',
    `\tSupports auto-negotiation: ${negotiates ? 'Yes' : 'No'}\n`,
    '\tSupported FEC modes: Not reported\n',
    modes('Advertised', link),
    '\tAdvertised pause frame use: No\n',
    `\tAdvertised auto-negotiation: ${negotiates ? 'Yes' : 'No'}\n`,
    '\tAdvertised FEC modes: Not reported\n',
    link.partner === undefined ? '' : partnerRows(link.partner, link.modes),
    speedRows(dev, link),
    `\tAuto-negotiation: ${negotiates ? 'on' : 'off'}\n`,
    `\tPort: ${link.port}\n`,
    `\tPHYAD: ${link.phyad}\n`,
    '\tTransceiver: internal\n',
    link.mdix === undefined ? '' : `\tMDI-X: ${link.mdix}\n`,
  ];
  return head + parts.join('') + wake + messages + detected;
}
