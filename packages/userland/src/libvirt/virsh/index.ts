export { virsh } from './virsh.ts';
