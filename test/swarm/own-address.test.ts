import { expect, it } from 'vitest'
import { OwnAddress } from '../../src/swarm/own-address.ts'

it('believes the first that tells our address, and nobody after that', () => {
  const own = new OwnAddress(6881)
  expect([own.host, own.port]).toEqual(['', 6881])
  own.learn('10.0.0.1')
  own.learn('192.0.2.1')
  expect([own.host, own.port]).toEqual(['10.0.0.1', 6881])
})
