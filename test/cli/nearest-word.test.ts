import { describe, expect, it } from 'vitest'
import { nearestWord } from '../../src/cli/nearest-word.ts'

const flags = ['--up-limit', '--down-limit', '--port', '--peer', '--dht', '--no-dht', '--timeout', '--stall-timeout']

describe('nearestWord', () => {
  it.each([
    ['--up-limt', '--up-limit'],
    ['--uplimit', '--up-limit'],
    ['--prot', '--port'],
    ['--peers', '--peer'],
    ['--no-dth', '--no-dht'],
    ['--time-out', '--timeout'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestWord(typed, flags)).toBe(meant)
  })

  it.each(['--zzzzzzzz', '', 'x', '--a-very-long-flag-that-is-like-none'])('takes %j for nothing', (typed) => {
    expect(nearestWord(typed, flags)).toBeUndefined()
  })
})
