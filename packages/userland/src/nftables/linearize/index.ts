export { hideImplied } from './hide.ts';
export { orderStmts } from './order.ts';
export { isProtocolKey } from './protocol-key.ts';
