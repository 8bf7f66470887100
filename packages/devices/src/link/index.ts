export * from './link-state.ts';
export * from './loopback.ts';
export * from './net-device.ts';
export * from './register.ts';
export * from './rx-handler.ts';
export * from './veth.ts';
