import { describe, expect, test } from 'vitest'
import { netrcEntryFor, parseNetrc } from '../../../src/web-seed/credentials/netrc.ts'

const text = `
# machine comment.example login no password no
machine Mirror.example login ci password s3cret
machine spaced.example
  login "a b"
  account ignored
  password "q\\"uote"
macdef init
machine macro.example login no password no

machine mirror.example login second password second
default login anonymous password guest
`

describe('a netrc file', () => {
  test('is read with its comments, macros and quotes', () => {
    expect(parseNetrc(text)).toEqual([
      { machine: 'mirror.example', login: 'ci', password: 's3cret' },
      { machine: 'spaced.example', login: 'a b', password: 'q"uote' },
      { machine: 'mirror.example', login: 'second', password: 'second' },
      { machine: undefined, login: 'anonymous', password: 'guest' },
    ])
  })

  test('gives the first entry of a host, and the default only where it counts', () => {
    const entries = parseNetrc(text)
    expect(netrcEntryFor(entries, 'MIRROR.example', false)?.login).toBe('ci')
    expect(netrcEntryFor(entries, 'other.example', true)?.login).toBe('anonymous')
    expect(netrcEntryFor(entries, 'other.example', false)).toBeUndefined()
  })

  test.each(['', 'login x', 'machine', 'machine a login', '\0'])('is taken as far as it makes sense: %j', (broken) => {
    expect(parseNetrc(broken).every(({ password }) => password === '')).toBe(true)
  })
})
