import { describe, expect, it } from 'vitest'
import { utf8Bytes } from '../../src/base/bytes.ts'
import { BencodeView } from '../../src/torrent/bencode-view.ts'

function viewOf(text: string): BencodeView {
  const view = BencodeView.scan(utf8Bytes(text))
  if (!view.ok) throw new Error(view.fault)
  return view.value
}

describe('BencodeView', () => {
  it('finds the raw bytes of a value among its neighbours', () => {
    const entries = viewOf('d8:announce6:4:info4:infod4:name1:xe5:otherli-5eee').entries(10)
    expect(Buffer.from(entries?.get('info')?.raw ?? []).toString()).toBe('d4:name1:xe')
    expect(entries?.get('other')).toMatchObject({ start: 43, end: 49 })
    expect(entries?.get('nfo')).toBeUndefined()
  })

  it('reads a value as what it is and as nothing else', () => {
    const [integer, string, list, dictionary] = viewOf('li7e2:ablee'.replace('lee', 'ledee')).items(10) ?? []
    expect([integer?.kind, string?.kind, list?.kind, dictionary?.kind]).toEqual(['an integer', 'a string', 'a list', 'a dictionary'])
    expect([integer?.integer(), string?.integer(), list?.integer()]).toEqual([7, undefined, undefined])
    expect([integer?.string(), string?.string(), list?.string()]).toEqual([undefined, utf8Bytes('ab'), undefined])
    expect([integer?.items(1), list?.items(1), dictionary?.items(1)]).toEqual([undefined, [], undefined])
    expect([list?.entries(1), dictionary?.entries(1)]).toEqual([undefined, new Map()])
  })

  it('stops at the limit it is given', () => {
    expect(viewOf('li1ei2ei3ee').items(2)).toHaveLength(2)
    expect(viewOf('d1:ai1e1:bi2e1:ci3ee').entries(2)?.size).toBe(2)
    expect(viewOf('li1ei2ee').build(2)).toBeUndefined()
    expect(viewOf('li1ei2ee').build(3)).toEqual([1, 2])
  })

  it('takes bytes from within a buffer, and keys of any length', () => {
    const key = 'k'.repeat(1_000_000)
    const whole = utf8Bytes(`xxxd1000000:${key}i5eexxx`)
    const view = BencodeView.scan(whole.subarray(3))
    expect(view.ok && view.value.entries(1)?.get(key)?.integer()).toBe(5)
  })

  it('says what is wrong with the bytes', () => {
    expect(BencodeView.scan(utf8Bytes('d1:b0:1:a0:e'))).toEqual({ ok: false, fault: 'a key out of order at byte 6' })
    expect(BencodeView.scan(new Uint8Array(10_000_001))).toMatchObject({ ok: false, fault: expect.stringContaining('limit') })
  })
})
