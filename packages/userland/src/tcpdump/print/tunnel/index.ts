export { grePrint } from './gre.ts';
export { ahPrint, espPrint, ipcompPrint } from './ipsec.ts';
export { genevePrint, vxlanPrint } from './vxlan.ts';
