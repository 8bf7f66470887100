import { holdLaws } from './hold.ts';

holdLaws('RFC 5382');
