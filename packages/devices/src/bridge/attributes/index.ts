export { bridgeData, changeBridge } from './bridge-attributes.ts';
export { changePort, portData } from './port-attributes.ts';
