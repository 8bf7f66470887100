export { Ipvlan } from './ipvlan.ts';
export { changeIpvlan, IPVLAN_L3, type IpvlanData, IpvlanPort } from './port.ts';
