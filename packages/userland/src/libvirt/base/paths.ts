/** Where virsh connects. libvirt LIBVIRTD_PRIV_UNIX_SOCKET */
export const SOCKET = '/run/libvirt/libvirt-sock';
/** Where `virsh -r` connects. */
export const READ_ONLY_SOCKET = '/run/libvirt/libvirt-sock-ro';
/** Names of networks, domains and filters as they are defined. SYSCONFDIR/libvirt */
export const CONFIG_DIR = '/etc/libvirt';
/** What runs now; gone at a reboot. RUNSTATEDIR/libvirt */
export const RUN_DIR = '/run/libvirt';
/** What outlives a reboot. LOCALSTATEDIR/lib/libvirt */
export const LIB_DIR = '/var/lib/libvirt';
/** Debian's version of the package. */
export const PACKAGE_VERSION = '9.0.0-4+deb12u2';
/** libvirt's version. */
export const LIBVIRT_VERSION = '9.0.0';
