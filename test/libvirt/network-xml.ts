import fc from 'fast-check';

/** An IPv4 `<ip>` of its own /24 in 10.N.0.0/16, maybe with DHCP on it. */
function ipv4(n: number, dhcp: boolean): fc.Arbitrary<string> {
  return fc
    .record({
      prefix: fc.constantFrom("prefix='24'", "netmask='255.255.255.0'"),
      ranges: fc.integer({ min: 0, max: 2 }),
      hosts: fc.integer({ min: 0, max: 3 }),
      local: fc.constantFrom('', " localPtr='yes'"),
    })
    .map(({ prefix, ranges, hosts, local }) => {
      const range = (i: number) =>
        `<range start='10.${n}.0.${10 + 20 * i}' end='10.${n}.0.${20 + 20 * i}'/>`;
      const host = (i: number) =>
        `<host mac='52:54:00:00:0${n}:0${i}' name='h${i}' ip='10.${n}.0.${100 + i}'/>`;
      const entries = [
        ...Array.from({ length: ranges }, (_, i) => range(i)),
        ...Array.from({ length: hosts }, (_, i) => host(i)),
      ];
      const inner = dhcp && entries.length > 0 ? `<dhcp>${entries.join('')}</dhcp>` : '';
      return `<ip address='10.${n}.0.1' ${prefix}${local}>${inner}</ip>`;
    });
}

const ipv6: fc.Arbitrary<string> = fc.constantFrom(
  '',
  "<ip family='ipv6' address='fd00:9::1' prefix='64'/>",
);

const addresses: fc.Arbitrary<string> = fc
  .tuple(ipv4(1, true), fc.option(ipv4(2, false), { nil: '' }), ipv6)
  .map((ips) => ips.join(''));

const bridge: fc.Arbitrary<string> = fc
  .record({
    name: fc.constantFrom('', " name='virbr7'", " name='test%d'"),
    stp: fc.constantFrom('', " stp='off'", " stp='on'"),
    delay: fc.constantFrom('', " delay='0'", " delay='5'"),
  })
  .map(({ name, stp, delay }) => `<bridge${name}${stp}${delay}/>`);

const forward: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '<forward/>',
  "<forward dev='eth0'/>",
  "<forward><nat><address start='192.0.2.3' end='192.0.2.9'/><port start='2000' end='3000'/></nat></forward>",
  "<forward><nat ipv6='yes'/></forward>",
  "<forward mode='route'/>",
  "<forward mode='route' dev='eth0'/>",
  "<forward mode='open'/>",
);

const dns: fc.Arbitrary<string> = fc.constantFrom(
  '',
  "<dns enable='no'/>",
  "<dns forwardPlainNames='no'><forwarder addr='192.0.2.53'/></dns>",
  "<dns><txt name='a' value='b'/><host ip='10.1.0.9'><hostname>x</hostname></host></dns>",
);

const extras: fc.Arbitrary<string> = fc.constantFrom(
  '',
  "<mtu size='1400'/>",
  "<domain name='example.test' localOnly='yes'/>",
  "<route address='203.0.113.0' prefix='24' gateway='10.1.0.2'/>",
  "<port isolated='yes'/>",
  "<bandwidth><inbound average='1000' peak='5000' burst='512'/><outbound average='128'/></bandwidth>",
  "<bandwidth><outbound average='300' burst='20'/></bandwidth>",
);

const virtual: fc.Arbitrary<string> = fc
  .tuple(forward, bridge, addresses, dns, extras)
  .map((parts) => parts.join(''));

const external: fc.Arbitrary<string> = fc.constantFrom(
  "<forward mode='bridge'/><bridge name='br0'/>",
  "<forward mode='bridge'><interface dev='eth0'/></forward>",
  "<forward mode='private' dev='eth0'/>",
  "<forward mode='vepa'><interface dev='eth0'/><interface dev='eth1'/></forward>",
  "<forward mode='passthrough' dev='eth0'/>",
);

/** Networks that can be defined and started on a machine without any device of these names. */
export const networkXml: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', " ipv6='yes'"),
    fc.oneof({ weight: 5, arbitrary: virtual }, { weight: 1, arbitrary: external }),
  )
  .map(([attribute, body]) => `<network${attribute}><name>any</name>${body}</network>`);
