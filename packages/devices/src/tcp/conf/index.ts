export { TcpSocketOptions } from './socket-options.ts';
export { TCP_SYSCTLS } from './sysctls.ts';
export { TCP_CONF_5X, TCP_CONF_DEFAULT, type TcpConf } from './tcp-conf.ts';
