import type { FuzzTarget } from './fuzz-target.ts'

/** Inputs for one target, endless and the same for the same seed: sound ones changed in up to eight places, and noise. */
export function* inputsFor(target: FuzzTarget, seed: number): Generator<Uint8Array> {
  const random = randomFrom(seed)
  const words = [...WORDS, ...(target.words ?? [])].map((word) => Buffer.from(word, 'latin1'))
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T
  for (;;) {
    if (target.seeds.length === 0 || random(20) === 0) {
      yield noise(random, random(64))
      continue
    }
    let bytes = Buffer.from(pick(target.seeds))
    for (let change = random(8); change >= 0; change--) {
      const at = random(bytes.length + 1)
      const length = Math.min(bytes.length - at, 1 + random(random(4) === 0 ? 64 : 4))
      const before = bytes.subarray(0, at)
      const after = bytes.subarray(at + length)
      switch (random(8)) {
        case 0:
          if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random(8))
          break
        case 1:
          bytes = Buffer.concat([before, noise(random, length), after])
          break
        case 2:
          bytes = Buffer.concat([before, after])
          break
        case 3:
          bytes = Buffer.concat([before, pick(words), bytes.subarray(at)])
          break
        case 4:
          bytes = Buffer.concat([before, pick(words), after])
          break
        case 5: {
          // A piece of the same input once more, a few times or many.
          const repeated = bytes.subarray(at, at + length)
          bytes = Buffer.concat([before, ...Array<Buffer>(1 + random(random(50) === 0 ? 500 : 4)).fill(repeated), bytes.subarray(at)])
          break
        }
        case 6: {
          const other = pick(target.seeds)
          bytes = Buffer.concat([before, other.subarray(random(other.length + 1))])
          break
        }
        default:
          bytes = Buffer.from(before)
      }
    }
    yield new Uint8Array(bytes.subarray(0, 65_536))
  }
}

const WORDS = [
  '-1',
  '0',
  '00',
  '1',
  '127',
  '128',
  '255',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740992',
  '99999999999999999999',
].concat([
  '\0',
  '\0\0\0\0',
  '\xff\xff\xff\xff',
  '\x7f\xff\xff\xff',
  '\x80\0\0\0',
  '\n',
  '..',
  '/',
  '\\',
  '%',
  '\xc3',
  '\xed\xa0\x80',
  '\xe2\x80\xae',
])

type RandomBelow = (limit: number) => number

/** A small generator with a seed (xorshift32): the fuzzer must be repeatable, not unpredictable. */
function randomFrom(seed: number): RandomBelow {
  let state = seed | 0 || 1
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

function noise(random: RandomBelow, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256))
}
