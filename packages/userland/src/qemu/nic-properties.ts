/**
 * Properties of QEMU 7.2's NICs, one a line: `name|type|description|default`; a star describes a switch. As `-device NIC,help` prints them.
 */
export const NIC_PROPERTIES = `acpi-index|uint32||0
addr|int32|Slot and optional function number, example: 06.0 or 06|-1
aer|bool|*|false
any_layout|bool|*|true
ats|bool|*|false
attached|bool
autonegotiation|bool|*|true
bootindex|int32
csum|bool|*|true
ctrl_guest_offloads|bool|*|true
ctrl_mac_addr|bool|*|true
ctrl_rx|bool|*|true
ctrl_rx_extra|bool|*|true
ctrl_vlan|bool|*|true
ctrl_vq|bool|*|true
disable-legacy|OnOffAuto|on/off/auto|"auto"
disable-modern|bool||false
disable_vnet_hdr|uint8|Do not use virtio headers, perform SW offloads emulation instead|0
duplex|str
event_idx|bool|*|true
extra_mac_registers|bool|*|true
failover|bool||false
failover_pair_id|str
gso|bool|*|true
guest_announce|bool|*|true
guest_csum|bool|*|true
guest_ecn|bool|*|true
guest_rsc_ext|bool|*|false
guest_tso4|bool|*|true
guest_tso6|bool|*|true
guest_ufo|bool|*|true
hash|bool|*|false
host_ecn|bool|*|true
host_mtu|uint16||0
host_tso4|bool|*|true
host_tso6|bool|*|true
host_ufo|bool|*|true
indirect_desc|bool|*|true
init-vet|bool|*|true
iobase|uint32||768
ioeventfd|bool|*|true
iommu_platform|bool|*|false
irq|uint32||9
mac|str|Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56
migrate-extra|bool|*|true
migrate_tso_props|bool|*|true
mitigation|bool|*|true
modern-pio-notify|bool|*|false
mq|bool|*|false
mrg_rxbuf|bool|*|true
msos-desc|bool|*|true
multifunction|bool|*|false
netdev|str|ID of a netdev to use as a backend
notify_on_empty|bool|*|true
packed|bool|*|false
page-per-vq|bool|*|false
pcap|str
port|str
queue_reset|bool|*|true
rombar|uint32||1
romfile|str
romsize|uint32||4294967295
rsc_interval|uint32||300000
rss|bool|*|false
rx_queue_size|uint16||256
serial|str
speed|int32||-1
status|bool|*|true
subsys|uint16|PCI device Subsystem ID|0
subsys_ven|uint16|PCI device Subsystem Vendor ID|32902
tx|str
tx_queue_size|uint16||256
use-disabled-flag|bool||true
use-started|bool||true
vectors|uint32||4294967295
virtio-backend|child<virtio-net-device>
virtio-pci-bus-master-bug-migration|bool|*|false
x-ats-page-aligned|bool|*|true
x-disable-legacy-check|bool||false
x-disable-pcie|bool|*|false
x-ignore-backend-features|bool||false
x-mtu-bypass-backend|bool||true
x-old-msi-offsets|bool|*|false
x-pcie-deverr-init|bool|*|true
x-pcie-extcap-init|bool|*|true
x-pcie-flr-init|bool|*|true
x-pcie-lnkctl-init|bool|*|true
x-pcie-lnksta-dllla|bool|*|true
x-pcie-pm-init|bool|*|true
x-txburst|int32||256
x-txtimer|uint32||150000`;

/** What every NIC on a PCI bus has. */
const PCI =
  'acpi-index addr bootindex failover_pair_id mac multifunction netdev rombar romfile romsize x-pcie-extcap-init x-pcie-lnksta-dllla';

/** What virtio's NICs have, on whatever bus. */
const VIRTIO = `any_layout bootindex csum ctrl_guest_offloads ctrl_mac_addr ctrl_rx ctrl_rx_extra ctrl_vlan ctrl_vq duplex event_idx failover gso
guest_announce guest_csum guest_ecn guest_rsc_ext guest_tso4 guest_tso6 guest_ufo hash host_ecn host_mtu host_tso4 host_tso6
host_ufo indirect_desc iommu_platform mac mq mrg_rxbuf netdev notify_on_empty packed queue_reset rsc_interval rss rx_queue_size
speed status tx tx_queue_size use-disabled-flag use-started x-disable-legacy-check x-mtu-bypass-backend x-txburst x-txtimer`;

/** What virtio's NICs on a PCI bus have beside. */
const VIRTIO_PCI = `aer ats ioeventfd migrate-extra modern-pio-notify page-per-vq vectors virtio-backend virtio-pci-bus-master-bug-migration
x-ats-page-aligned x-disable-pcie x-ignore-backend-features x-pcie-deverr-init x-pcie-flr-init x-pcie-lnkctl-init x-pcie-pm-init`;

/** Names of the properties of each model. */
export const PROPERTIES_OF: Readonly<Record<string, string>> = {
  e1000: `${PCI} autonegotiation extra_mac_registers init-vet migrate_tso_props mitigation`,
  'e1000-82544gc': `${PCI} autonegotiation extra_mac_registers init-vet migrate_tso_props mitigation`,
  'e1000-82545em': `${PCI} autonegotiation extra_mac_registers init-vet migrate_tso_props mitigation`,
  e1000e: `${PCI} disable_vnet_hdr init-vet! subsys subsys_ven`,
  i82551: `${PCI}`,
  i82559c: `${PCI}`,
  i82801: `${PCI}`,
  ne2k_isa: `bootindex iobase irq mac netdev`,
  ne2k_pci: `${PCI}`,
  pcnet: `${PCI}`,
  rtl8139: `${PCI}`,
  tulip: `${PCI}`,
  'usb-net': `attached bootindex mac msos-desc netdev pcap port serial`,
  'virtio-net-device': `${VIRTIO}`,
  'virtio-net-pci': `${PCI} ${VIRTIO} ${VIRTIO_PCI} disable-legacy disable-modern`,
  'virtio-net-pci-non-transitional': `${PCI} ${VIRTIO} ${VIRTIO_PCI}`,
  'virtio-net-pci-transitional': `${PCI} ${VIRTIO} ${VIRTIO_PCI}`,
  vmxnet3: `${PCI} x-disable-pcie x-old-msi-offsets`,
};
