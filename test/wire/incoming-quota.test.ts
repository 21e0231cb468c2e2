import { expect, test } from 'vitest'
import { IncomingQuota, type Visitor } from '../../src/wire/incoming-quota.ts'

interface Guest extends Visitor {
  isEvicted: boolean
}

function guest(host: string): Guest {
  const self: Guest = {
    host,
    isEvicted: false,
    evict: () => {
      self.isEvicted = true
    },
  }
  return self
}

/** `count` visitors of one address, admitted one after the other. */
function crowd(quota: IncomingQuota, host: string, count: number): Guest[] {
  return Array.from({ length: count }, () => {
    const visitor = guest(host)
    quota.admit(visitor)
    return visitor
  })
}

test('an address has so many places and no more once all have shaken hands', () => {
  const quota = new IncomingQuota(3, 100)
  for (const visitor of crowd(quota, '10.0.0.1', 3)) quota.settle(visitor)
  expect(quota.admit(guest('10.0.0.1'))).toBe(false)
  expect(quota.admit(guest('10.0.0.2'))).toBe(true)
})

test('a place is free again when its visitor has left', () => {
  const quota = new IncomingQuota(1, 100)
  const [first] = crowd(quota, '10.0.0.1', 1) as [Guest]
  quota.settle(first)
  expect(quota.admit(guest('10.0.0.1'))).toBe(false)
  quota.release(first)
  quota.release(first)
  expect(quota.admit(guest('10.0.0.1'))).toBe(true)
})

test('who owes the handshake longest makes room for a newcomer of the same address', () => {
  const quota = new IncomingQuota(3, 100)
  const [polite, silent, later] = crowd(quota, '10.0.0.1', 3) as [Guest, Guest, Guest]
  quota.settle(polite)
  expect(quota.admit(guest('10.0.0.1'))).toBe(true)
  expect([polite, silent, later].map((visitor) => visitor.isEvicted)).toEqual([false, true, false])
})

test('of all addresses together so many may owe their handshake', () => {
  const quota = new IncomingQuota(3, 10)
  const guests = Array.from({ length: 25 }, (_, index) => guest(`10.0.0.${index}`))
  for (const visitor of guests) expect(quota.admit(visitor)).toBe(true)
  expect(guests.map((visitor) => visitor.isEvicted)).toEqual(guests.map((_, index) => index < 15))
})

test('those who have shaken hands are never evicted', () => {
  const quota = new IncomingQuota(3, 2)
  const settled = Array.from({ length: 10 }, (_, index) => guest(`10.0.1.${index}`))
  for (const visitor of settled) {
    quota.admit(visitor)
    quota.settle(visitor)
  }
  for (let index = 0; index < 50; index++) quota.admit(guest(`10.0.2.${index}`))
  expect(settled.some((visitor) => visitor.isEvicted)).toBe(false)
})

test('loopback has places for a whole swarm', () => {
  const quota = new IncomingQuota(3, 100)
  for (const visitor of crowd(quota, '127.0.0.1', 64)) quota.settle(visitor)
  expect(quota.admit(guest('127.0.0.1'))).toBe(false)
  const generous = new IncomingQuota(500, 1_000)
  for (const visitor of crowd(generous, '::1', 500)) generous.settle(visitor)
  expect(generous.admit(guest('::1'))).toBe(false)
})
