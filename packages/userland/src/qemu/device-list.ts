/**
 * Devices of QEMU 7.2 as `-device help` lists them, by category: `name|bus|alias|description`, one a line, empty parts at
 * the end left out.
 */
export const DEVICE_LIST: readonly (readonly [category: string, devices: string])[] = [
  [
    'Controller/Bridge/Hub devices',
    `cxl-downstream|PCI||CXL Switch Downstream Port
cxl-rp|PCI||CXL Root Port
cxl-upstream|PCI||CXL Switch Upstream Port
i82801b11-bridge|PCI
ioh3420|PCI||Intel IOH device id 3420 PCIE Root Port
pci-bridge|PCI||Standard PCI Bridge
pci-bridge-seat|PCI||Standard PCI Bridge (multiseat)
pcie-pci-bridge|PCI
pcie-root-port|PCI||PCI Express Root Port
pxb|PCI||PCI Expander Bridge
pxb-cxl|PCI||CXL Host Bridge
pxb-pcie|PCI||PCI Express Expander Bridge
usb-host|usb-bus
usb-hub|usb-bus
vfio-pci-igd-lpc-bridge|PCI||VFIO dummy ISA/LPC bridge for IGD assignment
vmbus-bridge|System
x3130-upstream|PCI||TI X3130 Upstream Port of PCI Express Switch
xio3130-downstream|PCI||TI X3130 Downstream Port of PCI Express Switch`,
  ],
  [
    'USB devices',
    `ich9-usb-ehci1|PCI
ich9-usb-ehci2|PCI
ich9-usb-uhci1|PCI
ich9-usb-uhci2|PCI
ich9-usb-uhci3|PCI
ich9-usb-uhci4|PCI
ich9-usb-uhci5|PCI
ich9-usb-uhci6|PCI
nec-usb-xhci|PCI
pci-ohci|PCI||Apple USB Controller
piix3-usb-uhci|PCI
piix4-usb-uhci|PCI
qemu-xhci|PCI
usb-ehci|PCI`,
  ],
  [
    'Storage devices',
    `am53c974|PCI||AMD Am53c974 PCscsi-PCI SCSI adapter
cxl-type3|PCI||CXL PMEM Device (Type 3)
dc390|PCI||Tekram DC-390 SCSI adapter
floppy|floppy-bus||virtual floppy drive
ich9-ahci|PCI|ahci
ide-cd|IDE||virtual IDE CD-ROM
ide-hd|IDE||virtual IDE disk
isa-fdc|ISA||virtual floppy controller
isa-ide|ISA
lsi53c810|PCI
lsi53c895a|PCI|lsi
megasas|PCI||LSI MegaRAID SAS 1078
megasas-gen2|PCI||LSI MegaRAID SAS 2108
mptsas1068|PCI||LSI SAS 1068
nvdimm|||DIMM memory module
nvme|PCI||Non-Volatile Memory Express
nvme-ns|nvme-bus||Virtual NVMe namespace
nvme-subsys|||Virtual NVMe subsystem
piix3-ide|PCI
piix4-ide|PCI
pvscsi|PCI
scsi-block|SCSI||SCSI block device passthrough
scsi-cd|SCSI||virtual SCSI CD-ROM
scsi-generic|SCSI||pass through generic scsi device (/dev/sg*)
scsi-hd|SCSI||virtual SCSI disk
sd-card|sd-bus
sdhci-pci|PCI
usb-bot|usb-bus
usb-mtp|usb-bus||USB Media Transfer Protocol device
usb-storage|usb-bus
usb-uas|usb-bus
vhost-scsi|virtio-bus
vhost-scsi-pci|PCI
vhost-scsi-pci-non-transitional|PCI
vhost-scsi-pci-transitional|PCI
vhost-user-blk|virtio-bus
vhost-user-blk-pci|PCI
vhost-user-blk-pci-non-transitional|PCI
vhost-user-blk-pci-transitional|PCI
vhost-user-fs-device|virtio-bus
vhost-user-fs-pci|PCI
vhost-user-scsi|virtio-bus
vhost-user-scsi-pci|PCI
vhost-user-scsi-pci-non-transitional|PCI
vhost-user-scsi-pci-transitional|PCI
virtio-9p-device|virtio-bus
virtio-9p-pci|PCI|virtio-9p
virtio-9p-pci-non-transitional|PCI
virtio-9p-pci-transitional|PCI
virtio-blk-device|virtio-bus
virtio-blk-pci|PCI|virtio-blk
virtio-blk-pci-non-transitional|PCI
virtio-blk-pci-transitional|PCI
virtio-pmem|virtio-bus
virtio-scsi-device|virtio-bus
virtio-scsi-pci|PCI|virtio-scsi
virtio-scsi-pci-non-transitional|PCI
virtio-scsi-pci-transitional|PCI`,
  ],
  [
    'Network devices',
    `e1000|PCI|e1000-82540em|Intel Gigabit Ethernet
e1000-82544gc|PCI||Intel Gigabit Ethernet
e1000-82545em|PCI||Intel Gigabit Ethernet
e1000e|PCI||Intel 82574L GbE Controller
i82550|PCI||Intel i82550 Ethernet
i82551|PCI||Intel i82551 Ethernet
i82557a|PCI||Intel i82557A Ethernet
i82557b|PCI||Intel i82557B Ethernet
i82557c|PCI||Intel i82557C Ethernet
i82558a|PCI||Intel i82558A Ethernet
i82558b|PCI||Intel i82558B Ethernet
i82559a|PCI||Intel i82559A Ethernet
i82559b|PCI||Intel i82559B Ethernet
i82559c|PCI||Intel i82559C Ethernet
i82559er|PCI||Intel i82559ER Ethernet
i82562|PCI||Intel i82562 Ethernet
i82801|PCI||Intel i82801 Ethernet
ne2k_isa|ISA
ne2k_pci|PCI
pcnet|PCI
pvrdma|PCI||RDMA Device
rocker|PCI||Rocker Switch
rtl8139|PCI
tulip|PCI
usb-net|usb-bus
virtio-net-device|virtio-bus
virtio-net-pci|PCI|virtio-net
virtio-net-pci-non-transitional|PCI
virtio-net-pci-transitional|PCI
vmxnet3|PCI||VMWare Paravirtualized Ethernet v3`,
  ],
  [
    'Input devices',
    `ccid-card-emulated|ccid-bus||emulated smartcard
ccid-card-passthru|ccid-bus||passthrough smartcard
i8042|ISA
ipoctal232|IndustryPack||GE IP-Octal 232 8-channel RS-232 IndustryPack
isa-parallel|ISA
isa-serial|ISA
pci-serial|PCI
pci-serial-2x|PCI
pci-serial-4x|PCI
tpci200|PCI||TEWS TPCI200 IndustryPack carrier
usb-braille|usb-bus
usb-ccid|usb-bus||CCID Rev 1.1 smartcard reader
usb-kbd|usb-bus
usb-mouse|usb-bus
usb-serial|usb-bus
usb-tablet|usb-bus
usb-wacom-tablet|usb-bus||QEMU PenPartner Tablet
vhost-user-gpio-device|virtio-bus
vhost-user-gpio-pci|PCI
vhost-user-i2c-device|virtio-bus
vhost-user-i2c-pci|PCI
vhost-user-input|virtio-bus
vhost-user-input-pci|PCI
vhost-user-rng|virtio-bus
vhost-user-rng-pci|PCI
virtconsole|virtio-serial-bus
virtio-input-host-device|virtio-bus
virtio-input-host-pci|PCI|virtio-input-host
virtio-keyboard-device|virtio-bus
virtio-keyboard-pci|PCI|virtio-keyboard
virtio-mouse-device|virtio-bus
virtio-mouse-pci|PCI|virtio-mouse
virtio-serial-device|virtio-bus
virtio-serial-pci|PCI|virtio-serial
virtio-serial-pci-non-transitional|PCI
virtio-serial-pci-transitional|PCI
virtio-tablet-device|virtio-bus
virtio-tablet-pci|PCI|virtio-tablet
virtserialport|virtio-serial-bus
vmmouse|ISA`,
  ],
  [
    'Display devices',
    `ati-vga|PCI
bochs-display|PCI
cirrus-vga|PCI||Cirrus CLGD 54xx VGA
isa-cirrus-vga|ISA
isa-vga|ISA
qxl|PCI||Spice QXL GPU (secondary)
qxl-vga|PCI||Spice QXL GPU (primary, vga compatible)
ramfb|System||ram framebuffer standalone device
secondary-vga|PCI
sga|ISA||Serial Graphics Adapter
VGA|PCI
vhost-user-gpu|virtio-bus
vhost-user-gpu-pci|PCI
vhost-user-vga|PCI
virtio-gpu-device|virtio-bus
virtio-gpu-gl-device|virtio-bus
virtio-gpu-gl-pci|PCI|virtio-gpu-gl
virtio-gpu-pci|PCI|virtio-gpu
virtio-vga|PCI
virtio-vga-gl|PCI
vmware-svga|PCI`,
  ],
  [
    'Sound devices',
    `AC97|PCI|ac97|Intel 82801AA AC97 Audio
adlib|ISA||Yamaha YM3812 (OPL2)
cs4231a|ISA||Crystal Semiconductor CS4231A
ES1370|PCI|es1370|ENSONIQ AudioPCI ES1370
gus|ISA||Gravis Ultrasound GF1
hda-duplex|HDA||HDA Audio Codec, duplex (line-out, line-in)
hda-micro|HDA||HDA Audio Codec, duplex (speaker, microphone)
hda-output|HDA||HDA Audio Codec, output-only (line-out)
ich9-intel-hda|PCI||Intel HD Audio Controller (ich9)
intel-hda|PCI||Intel HD Audio Controller (ich6)
sb16|ISA||Creative Sound Blaster 16
usb-audio|usb-bus`,
  ],
  [
    'Misc devices',
    `acpi-erst|PCI||ACPI Error Record Serialization Table (ERST) device
amd-iommu|System||AMD IOMMU (AMD-Vi) DMA Remapping device
AMDVI-PCI|PCI||AMD IOMMU (AMD-Vi) DMA Remapping device
ctucan_pci|PCI||CTU CAN PCI
edu|PCI
guest-loader|||Guest Loader
hv-syndbg
hyperv-testdev|ISA
i2c-ddc|i2c-bus
intel-iommu|System||Intel IOMMU (VT-d) DMA Remapping device
isa-applesmc|ISA
isa-debug-exit|ISA
isa-debugcon|ISA
ivshmem-doorbell|PCI||Inter-VM shared memory
ivshmem-plain|PCI||Inter-VM shared memory
kvaser_pci|PCI||Kvaser PCICANx
loader|||Generic Loader
mc146818rtc|ISA
mioe3680_pci|PCI||Mioe3680 PCICANx
pc-testdev|ISA
pci-testdev|PCI||PCI Test Device
pcm3680_pci|PCI||Pcm3680i PCICANx
pvpanic|ISA
pvpanic-pci|PCI
smbus-ipmi|i2c-bus
tpm-crb
tpm-tis|ISA
u2f-passthru|usb-bus||QEMU U2F passthrough key
usb-redir|usb-bus
vfio-pci|PCI||VFIO-based PCI device assignment
vfio-pci-nohotplug|PCI||VFIO-based PCI device assignment
vhost-user-vsock-device|virtio-bus
vhost-user-vsock-pci|PCI
vhost-user-vsock-pci-non-transitional|PCI
vhost-vsock-device|virtio-bus
vhost-vsock-pci|PCI
vhost-vsock-pci-non-transitional|PCI
virtio-balloon-device|virtio-bus
virtio-balloon-pci|PCI|virtio-balloon
virtio-balloon-pci-non-transitional|PCI
virtio-balloon-pci-transitional|PCI
virtio-crypto-device|virtio-bus
virtio-crypto-pci|PCI
virtio-iommu-device|virtio-bus
virtio-iommu-pci|PCI|virtio-iommu
virtio-mem|virtio-bus
virtio-mem-pci|PCI
virtio-pmem-pci|PCI
virtio-rng-device|virtio-bus
virtio-rng-pci|PCI|virtio-rng
virtio-rng-pci-non-transitional|PCI
virtio-rng-pci-transitional|PCI
vmcoreinfo
vmgenid`,
  ],
  [
    'CPU devices',
    `486-v1-x86_64-cpu
486-x86_64-cpu
athlon-v1-x86_64-cpu
athlon-x86_64-cpu
base-x86_64-cpu
Broadwell-IBRS-x86_64-cpu
Broadwell-noTSX-IBRS-x86_64-cpu
Broadwell-noTSX-x86_64-cpu
Broadwell-v1-x86_64-cpu
Broadwell-v2-x86_64-cpu
Broadwell-v3-x86_64-cpu
Broadwell-v4-x86_64-cpu
Broadwell-x86_64-cpu
Cascadelake-Server-noTSX-x86_64-cpu
Cascadelake-Server-v1-x86_64-cpu
Cascadelake-Server-v2-x86_64-cpu
Cascadelake-Server-v3-x86_64-cpu
Cascadelake-Server-v4-x86_64-cpu
Cascadelake-Server-v5-x86_64-cpu
Cascadelake-Server-x86_64-cpu
Conroe-v1-x86_64-cpu
Conroe-x86_64-cpu
Cooperlake-v1-x86_64-cpu
Cooperlake-v2-x86_64-cpu
Cooperlake-x86_64-cpu
core2duo-v1-x86_64-cpu
core2duo-x86_64-cpu
coreduo-v1-x86_64-cpu
coreduo-x86_64-cpu
Denverton-v1-x86_64-cpu
Denverton-v2-x86_64-cpu
Denverton-v3-x86_64-cpu
Denverton-x86_64-cpu
Dhyana-v1-x86_64-cpu
Dhyana-v2-x86_64-cpu
Dhyana-x86_64-cpu
EPYC-IBPB-x86_64-cpu
EPYC-Milan-v1-x86_64-cpu
EPYC-Milan-x86_64-cpu
EPYC-Rome-v1-x86_64-cpu
EPYC-Rome-v2-x86_64-cpu
EPYC-Rome-x86_64-cpu
EPYC-v1-x86_64-cpu
EPYC-v2-x86_64-cpu
EPYC-v3-x86_64-cpu
EPYC-x86_64-cpu
Haswell-IBRS-x86_64-cpu
Haswell-noTSX-IBRS-x86_64-cpu
Haswell-noTSX-x86_64-cpu
Haswell-v1-x86_64-cpu
Haswell-v2-x86_64-cpu
Haswell-v3-x86_64-cpu
Haswell-v4-x86_64-cpu
Haswell-x86_64-cpu
host-x86_64-cpu
Icelake-Server-noTSX-x86_64-cpu
Icelake-Server-v1-x86_64-cpu
Icelake-Server-v2-x86_64-cpu
Icelake-Server-v3-x86_64-cpu
Icelake-Server-v4-x86_64-cpu
Icelake-Server-v5-x86_64-cpu
Icelake-Server-v6-x86_64-cpu
Icelake-Server-x86_64-cpu
IvyBridge-IBRS-x86_64-cpu
IvyBridge-v1-x86_64-cpu
IvyBridge-v2-x86_64-cpu
IvyBridge-x86_64-cpu
KnightsMill-v1-x86_64-cpu
KnightsMill-x86_64-cpu
kvm32-v1-x86_64-cpu
kvm32-x86_64-cpu
kvm64-v1-x86_64-cpu
kvm64-x86_64-cpu
max-x86_64-cpu
n270-v1-x86_64-cpu
n270-x86_64-cpu
Nehalem-IBRS-x86_64-cpu
Nehalem-v1-x86_64-cpu
Nehalem-v2-x86_64-cpu
Nehalem-x86_64-cpu
Opteron_G1-v1-x86_64-cpu
Opteron_G1-x86_64-cpu
Opteron_G2-v1-x86_64-cpu
Opteron_G2-x86_64-cpu
Opteron_G3-v1-x86_64-cpu
Opteron_G3-x86_64-cpu
Opteron_G4-v1-x86_64-cpu
Opteron_G4-x86_64-cpu
Opteron_G5-v1-x86_64-cpu
Opteron_G5-x86_64-cpu
Penryn-v1-x86_64-cpu
Penryn-x86_64-cpu
pentium-v1-x86_64-cpu
pentium-x86_64-cpu
pentium2-v1-x86_64-cpu
pentium2-x86_64-cpu
pentium3-v1-x86_64-cpu
pentium3-x86_64-cpu
phenom-v1-x86_64-cpu
phenom-x86_64-cpu
qemu32-v1-x86_64-cpu
qemu32-x86_64-cpu
qemu64-v1-x86_64-cpu
qemu64-x86_64-cpu
SandyBridge-IBRS-x86_64-cpu
SandyBridge-v1-x86_64-cpu
SandyBridge-v2-x86_64-cpu
SandyBridge-x86_64-cpu
Skylake-Client-IBRS-x86_64-cpu
Skylake-Client-noTSX-IBRS-x86_64-cpu
Skylake-Client-v1-x86_64-cpu
Skylake-Client-v2-x86_64-cpu
Skylake-Client-v3-x86_64-cpu
Skylake-Client-v4-x86_64-cpu
Skylake-Client-x86_64-cpu
Skylake-Server-IBRS-x86_64-cpu
Skylake-Server-noTSX-IBRS-x86_64-cpu
Skylake-Server-v1-x86_64-cpu
Skylake-Server-v2-x86_64-cpu
Skylake-Server-v3-x86_64-cpu
Skylake-Server-v4-x86_64-cpu
Skylake-Server-v5-x86_64-cpu
Skylake-Server-x86_64-cpu
Snowridge-v1-x86_64-cpu
Snowridge-v2-x86_64-cpu
Snowridge-v3-x86_64-cpu
Snowridge-v4-x86_64-cpu
Snowridge-x86_64-cpu
Westmere-IBRS-x86_64-cpu
Westmere-v1-x86_64-cpu
Westmere-v2-x86_64-cpu
Westmere-x86_64-cpu`,
  ],
  [
    'Watchdog devices',
    `i6300esb|PCI||Intel 6300ESB
ib700|ISA||iBASE 700`,
  ],
  [
    'Uncategorized devices',
    `ipmi-bmc-extern
ipmi-bmc-sim
isa-ipmi-bt|ISA
isa-ipmi-kcs|ISA
pc-dimm|||DIMM memory module
pci-ipmi-bt|PCI||PCI IPMI BT
pci-ipmi-kcs|PCI||PCI IPMI KCS
x-pci-proxy-dev|PCI`,
  ],
];
