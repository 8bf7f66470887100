/** An option as dhclient knows it. */
export interface DhclientOption {
  readonly name: string;
  readonly code: number;
  /**
   * What its value is, one letter each: I address, L and l 32 bits, S 16, B 8, f flag, t text, X bytes or text, D domain
   * names; A behind a letter: any number of them; a: at least one.
   */
  readonly format: string;
}

/** Names and formats of options by code. common/tables.c */
const TABLE = `1 subnet-mask I
2 time-offset l
3 routers IA
4 time-servers IA
5 ien116-name-servers IA
6 domain-name-servers IA
7 log-servers IA
8 cookie-servers IA
9 lpr-servers IA
10 impress-servers IA
11 resource-location-servers IA
12 host-name t
13 boot-size S
14 merit-dump t
15 domain-name t
16 swap-server I
17 root-path t
18 extensions-path t
19 ip-forwarding f
20 non-local-source-routing f
21 policy-filter IIA
22 max-dgram-reassembly S
23 default-ip-ttl B
24 path-mtu-aging-timeout L
25 path-mtu-plateau-table SA
26 interface-mtu S
27 all-subnets-local f
28 broadcast-address I
29 perform-mask-discovery f
30 mask-supplier f
31 router-discovery f
32 router-solicitation-address I
33 static-routes IIA
34 trailer-encapsulation f
35 arp-cache-timeout L
36 ieee802-3-encapsulation f
37 default-tcp-ttl B
38 tcp-keepalive-interval L
39 tcp-keepalive-garbage f
40 nis-domain t
41 nis-servers IA
42 ntp-servers IA
43 vendor-encapsulated-options X
44 netbios-name-servers IA
45 netbios-dd-server IA
46 netbios-node-type B
47 netbios-scope t
48 font-servers IA
49 x-display-manager IA
50 dhcp-requested-address I
51 dhcp-lease-time L
52 dhcp-option-overload B
53 dhcp-message-type B
54 dhcp-server-identifier I
55 dhcp-parameter-request-list BA
56 dhcp-message t
57 dhcp-max-message-size S
58 dhcp-renewal-time L
59 dhcp-rebinding-time L
60 vendor-class-identifier X
61 dhcp-client-identifier X
62 nwip-domain t
64 nisplus-domain t
65 nisplus-servers IA
66 tftp-server-name t
67 bootfile-name t
68 mobile-ip-home-agent IA
69 smtp-server IA
70 pop-server IA
71 nntp-server IA
72 www-server IA
73 finger-server IA
74 irc-server IA
75 streettalk-server IA
77 user-class t
85 nds-servers IA
86 nds-tree-name t
87 nds-context t
91 client-last-transaction-time L
92 associated-ip Ia
93 pxe-system-type Sa
94 pxe-interface-id BBB
98 uap-servers t
99 geoconf-civic X
100 pcode t
101 tcode t
108 v6-only-preferred L
112 netinfo-server-address Ia
113 netinfo-server-tag t
114 default-url t
116 auto-config B
117 name-service-search Sa
118 subnet-selection I
119 domain-search D
141 sip-ua-cs-domains D
142 ipv4-address-andsf IA
150 tftp-server-address Ia
160 v4-captive-portal t
208 pxelinux-magic BBBB
209 loader-configfile t
210 loader-pathprefix t
211 loader-reboottime L`;

/** The options that dhclient has of its own, and those that a configuration defines. */
export class OptionSpace {
  readonly #byCode = new Map<number, DhclientOption>();

  constructor() {
    for (const line of TABLE.split('\n')) {
      const [code, name = '', format = ''] = line.split(' ');
      this.define({ code: Number(code), name, format });
    }
  }

  /** Adds an option, or renames one: `option NAME code N = TYPE`. */
  define(option: DhclientOption): void {
    this.#byCode.set(option.code, option);
  }

  /** The option of a code; an unknown one is `unknown-N`. */
  byCode(code: number): DhclientOption {
    return this.#byCode.get(code) ?? { code, name: `unknown-${code}`, format: 'X' };
  }

  /** The option of a name. */
  byName(name: string): DhclientOption | undefined {
    const unknown = /^unknown-(\d+)$/.exec(name);
    if (unknown !== null) return this.byCode(Number(unknown[1]));
    for (const option of this.#byCode.values()) if (option.name === name) return option;
    return undefined;
  }
}
