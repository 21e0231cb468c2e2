import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyBytes } from '../../src/base/copy-bytes.ts'

test('bytes come to lie where they belong, and nothing else changes, in shared memory too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), fc.nat(20), fc.boolean(), (bytes, offset, behind, isShared) => {
      const length = offset + bytes.length + behind
      const target = new Uint8Array(isShared ? new SharedArrayBuffer(length) : new ArrayBuffer(length)).fill(0xee)
      const expected = new Uint8Array(target)
      expected.set(bytes, offset)
      copyBytes(bytes, target, offset)
      expect(Buffer.from(target).equals(expected)).toBe(true)
    }),
  )
})
