import { describe, expect, it } from 'vitest'
import { AddressBook, type KnownAddress } from '../../src/swarm/address-book.ts'
import { LIMITS } from '../../src/swarm/limits.ts'

const addressOf = (number: number): { host: string; port: number } => ({ host: `10.0.${number >> 8}.${number & 255}`, port: 6881 })
const anybody = { wantsSeeds: true, wantsAcross: true, reserved: 0 }

/** How often the address is dialled in `minutes` if every dial fails at once. */
function dialsIn(book: AddressBook, known: KnownAddress, minutes: number): number {
  let dials = 0
  for (let nowMs = 0; nowMs < minutes * 60_000; nowMs += 100) {
    if (!book.due(nowMs, 10, anybody).includes(known)) continue
    dials++
    book.onFailure(known, nowMs)
  }
  return dials
}

describe('AddressBook', () => {
  it.each(['dht', 'pex', 'tracker', 'incoming'] as const)(
    'dials an address from %s where nobody ever spoke BitTorrent twice an hour at most',
    (origin) => {
      const book = new AddressBook(() => 0)
      const known = book.add(addressOf(1), origin)
      expect(known && dialsIn(book, known, 59)).toBe(2)
    },
  )

  it('goes on trying where somebody spoke BitTorrent, ever more seldom, once a minute at the end', () => {
    const book = new AddressBook(() => 0)
    const known = book.add(addressOf(1), 'dht') as KnownAddress
    known.hasSpoken = true
    expect(dialsIn(book, known, 60)).toBeGreaterThan(60)
    expect(dialsIn(book, known, 60)).toBeLessThan(70)
  })

  it.each(['static', 'magnet', 'lsd'] as const)('tries an address from %s every five seconds', (origin) => {
    const book = new AddressBook(() => 0)
    const known = book.add(addressOf(1), origin) as KnownAddress
    const dials = dialsIn(book, known, 10)
    expect(dials).toBeGreaterThan(115)
    expect(dials).toBeLessThan(130)
  })

  it('offers the fewest failures first, then the highest priority, and only what may be dialled now', () => {
    const book = new AddressBook((address) => Number(address.host.split('.')[3]))
    const [one, two, three, connected, dialling, refused, seed] = [1, 2, 3, 4, 5, 6, 7].map((number) =>
      book.add(addressOf(number), 'static'),
    ) as KnownAddress[] as [KnownAddress, KnownAddress, KnownAddress, KnownAddress, KnownAddress, KnownAddress, KnownAddress]
    connected.isConnected = true
    dialling.isDialling = true
    refused.isRefused = true
    seed.isUploadOnly = true
    expect([book.size, book.waiting]).toEqual([7, 6])
    book.onFailure(three, 0)
    expect(book.due(100, 10, { ...anybody, wantsSeeds: false })).toEqual([two, one])
    expect(book.due(100, 10, anybody)).toEqual([seed, two, one])
    expect(book.due(10_000, 10, { ...anybody, wantsSeeds: false })).toEqual([two, one, three])
    expect(book.due(10_000, 1, { ...anybody, wantsSeeds: false })).toEqual([two])
    expect(book.due(10_000, -3, { ...anybody, wantsSeeds: false })).toEqual([])
  })

  it('knows an address once', () => {
    const book = new AddressBook(() => 0)
    expect(book.add(addressOf(1), 'dht')).toBe(book.add(addressOf(1), 'pex'))
    expect([book.size, book.get(addressOf(1))?.origin, book.get(addressOf(2))]).toEqual([1, 'dht', undefined])
  })

  it('forgets a stranger that failed for a new address when it is full, and never more than its limit', () => {
    const book = new AddressBook(() => 0)
    for (let number = 0; number < LIMITS.knownAddresses; number++) book.add(addressOf(number), number === 0 ? 'static' : 'pex')
    expect(book.add(addressOf(5_000), 'pex')).toBe(undefined)
    for (const number of [0, 7]) book.onFailure(book.get(addressOf(number)) as KnownAddress, 0)
    expect(book.add(addressOf(5_000), 'pex')).toBeDefined()
    expect([book.size, book.get(addressOf(7)), book.get(addressOf(0))?.failures]).toEqual([LIMITS.knownAddresses, undefined, 1])
  })

  it('forgets where peers that came in said they listen, once they are gone and the book is full', () => {
    const book = new AddressBook(() => 0)
    for (let number = 0; number < LIMITS.knownAddresses; number++) {
      const known = book.add(addressOf(number), 'incoming') as KnownAddress
      known.isConnected = number % 2 === 0
      if (!known.isConnected) book.onFailure(known, 0)
    }
    for (let number = 0; number < LIMITS.knownAddresses; number++) book.add(addressOf(5_000 + number), 'dht')
    expect([book.size, book.get(addressOf(0))?.isConnected, book.get(addressOf(1))]).toEqual([LIMITS.knownAddresses, true, undefined])
  })

  it('makes room for an address that somebody vouches for, whatever strangers filled the book with', () => {
    const book = new AddressBook(() => 0)
    for (let number = 0; number < LIMITS.knownAddresses; number++) book.add(addressOf(number), 'pex')
    expect([book.add(addressOf(5_000), 'dht'), book.add(addressOf(5_001), 'static')?.origin]).toEqual([undefined, 'static'])
    expect(book.size).toBe(LIMITS.knownAddresses)
  })

  it('tries an address again at once when somebody better vouches for it, and not when somebody worse does', () => {
    const book = new AddressBook(() => 0)
    const known = book.add(addressOf(1), 'pex') as KnownAddress
    for (let failure = 0; failure < 3; failure++) book.onFailure(known, 0)
    expect(book.due(60_000, 10, anybody)).toEqual([])
    book.add(addressOf(1), 'static')
    expect([known.origin, book.due(0, 10, anybody)]).toEqual(['static', [known]])
    book.onFailure(known, 0)
    book.add(addressOf(1), 'magnet')
    book.add(addressOf(1), 'static')
    expect([known.origin, book.due(0, 10, anybody)]).toEqual(['static', []])
  })

  it('hands out addresses of our own zone first, keeps places for others, and leaves those out that are not wanted', () => {
    const book = new AddressBook(({ host }) => Number(host.split('.')[3]))
    const [own, other, strange, named] = [1, 2, 3, 4].map((number) => book.add(addressOf(number), number === 4 ? 'static' : 'tracker'))
    if (own === undefined || other === undefined || strange === undefined || named === undefined) throw new RangeError('the book is full')
    own.zoneRelation = 'same'
    other.zoneRelation = 'other'
    named.zoneRelation = 'other'
    expect(book.due(0, 10, anybody)).toEqual([own, strange, named, other])
    expect(book.due(0, 10, { ...anybody, wantsAcross: false })).toEqual([own, strange, named])
    expect(book.due(0, 2, { ...anybody, reserved: 2 })).toEqual([strange, named])
    expect(book.due(0, 2, { ...anybody, reserved: 1 })).toEqual([own, strange])
  })
})
