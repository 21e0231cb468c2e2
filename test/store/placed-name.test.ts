import fc from 'fast-check'
import { expect, it } from 'vitest'
import { placedName, placeInName } from '../../src/store/placed-name.ts'

const infoHash = fc.uint8Array({ minLength: 20, maxLength: 20 })

it('a name for something of a torrent at a place tells the place, and no other name does', () => {
  fc.assert(
    fc.property(infoHash, infoHash, fc.string(), fc.string(), (one, other, place, elsewhere) => {
      const name = placedName(one, place)
      expect(placeInName(name)).toMatch(/^[0-9a-f]{16}$/)
      expect(placeInName(placedName(other, place))).toBe(placeInName(name))
      expect(placeInName(placedName(one, elsewhere)) === placeInName(name)).toBe(elsewhere === place)
      expect(placeInName(elsewhere)).toBeUndefined()
      expect(placeInName(`${name}0`)).toBeUndefined()
    }),
  )
})
