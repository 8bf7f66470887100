/** What happens to a device: Linux include/linux/netdevice.h, `enum netdev_cmd`, NETDEV_*. */
export type NetdevEvent =
  | 'REGISTER'
  | 'UNREGISTER'
  | 'UP'
  | 'GOING_DOWN'
  | 'DOWN'
  /** The carrier came or went, or flags changed. */
  | 'CHANGE'
  | 'CHANGEADDR'
  | 'CHANGEMTU'
  | 'CHANGENAME'
  /** It gets another master, or none. */
  | 'CHANGEUPPER';
