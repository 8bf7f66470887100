/** Options that take a word after them. QEMU 7.2 qemu-options.hx, HAS_ARG */
const WITH_WORD = `
  machine M cpu accel smp numa add-fd set global boot m mem-path k audio audiodev device name uuid fda fdb hda hdb hdc hdd
  cdrom blockdev drive mtdblock sd pflash fsdev virtfs iscsi usbdevice display spice rotate vga g vnc acpitable smbios netdev
  nic net chardev tpmdev bios kernel append initrd dtb compat serial parallel monitor qmp qmp-pretty mon debugcon pidfile
  overcommit gdb d D dfilter seed L xen-domid action loadvm option-rom rtc icount watchdog watchdog-action echr incoming chroot
  runas sandbox readconfig trace plugin async-teardown msg dump-vmstate object fw_cfg soundhw mem
`;
/** Options that take none. */
const WITHOUT_WORD = `
  h help version mem-prealloc audio-help snapshot usb nographic portrait full-screen win2k-hack no-fd-bootchk no-acpi no-hpet
  singlestep preconfig S s enable-kvm xen-attach xen-domid-restrict no-reboot no-shutdown daemonize only-migratable nodefaults
  no-user-config nouserconfig enable-sync-profile alt-grab ctrl-grab no-quit sdl curses no-kvm
`;

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Every option that QEMU 7.2 for x86-64 has: whether a word follows it. */
export const OPTION_TABLE: ReadonlyMap<string, boolean> = new Map([
  ...words(WITH_WORD).map((name) => [name, true] as const),
  ...words(WITHOUT_WORD).map((name) => [name, false] as const),
]);
