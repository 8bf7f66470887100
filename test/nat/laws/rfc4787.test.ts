import { holdLaws } from './hold.ts';

holdLaws('RFC 4787');
