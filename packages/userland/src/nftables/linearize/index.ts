export { hideImplied } from './hide.ts';
export { joinNameless, nameTransports, orderStmts } from './order.ts';
export { isProtocolKey } from './protocol-key.ts';
