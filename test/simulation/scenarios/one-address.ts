import type { PeerAddress } from '../../../src/base/address.ts'
import type { Scenario } from '../scenario.ts'
import { equalHosts, startTogether } from './building-blocks.ts'

const NETWORK = '203.0.113.'
const FIRST_PORT = 1_025
const PORTS = 65_536 - FIRST_PORT

/** Everybody has the same address and a port of its own, as containers on one machine have, or hosts behind one router; 64,511 of them. */
export const oneAddress: Scenario = {
  name: 'one-address',
  summary: 'all hosts behind one address, each with a port of its own',
  hosts: (request) => equalHosts(request).map((plan) => ({ ...plan, address: addressOf(plan.number) })),
  script: startTogether,
}

function addressOf(number: number): PeerAddress {
  return { host: `${NETWORK}${1 + Math.floor(number / PORTS)}`, port: FIRST_PORT + (number % PORTS) }
}
