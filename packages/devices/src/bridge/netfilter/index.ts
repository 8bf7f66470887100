export { brNfForward, brNfPostRouting, brNfPreRouting } from './br-netfilter.ts';
export { BridgedDnat, BridgedFrame } from './bridged-frame.ts';
export { restoreBridged } from './dnat.ts';
export { brNfRefragment } from './refragment.ts';
