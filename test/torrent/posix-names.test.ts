import { describe, expect, it } from 'vitest'
import { pathRules } from '../../src/torrent/posix-names.ts'

describe('the rules for names', () => {
  it('take every name of POSIX only if the torrent says so, and nowhere that a backslash leads to another folder', () => {
    expect(pathRules(false, '/')).toEqual({ takesPosixNames: false })
    expect(pathRules(true, '/')).toEqual({ takesPosixNames: true })
    expect(pathRules(true, '\\')).toEqual({ takesPosixNames: false })
  })
})
