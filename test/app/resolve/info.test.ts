import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { info, summarize } from '../../../src/app/resolve/info.ts'
import { utf8Bytes } from '../../../src/base/bytes.ts'
import { Events } from '../../../src/base/events.ts'
import { encodeInfo } from '../../../src/torrent/encode-info.ts'
import { encodeMetainfo } from '../../../src/torrent/encode-metainfo.ts'
import { decodeMetainfo } from '../../../src/torrent/metainfo.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { loopback } from '../support/loopback-request.ts'

const never = new AbortController().signal
const torrentBytes = encodeMetainfo({
  infoBytes: encodeInfo({
    name: 'app',
    pieceLengthBytes: 16_384,
    pieceHashes: new Uint8Array(20),
    files: [
      { path: ['sub', 'a.txt'], lengthBytes: 5, offsetBytes: 0, kind: 'file' },
      { path: ['.pad', '3'], lengthBytes: 3, offsetBytes: 5, kind: 'padding' },
    ],
    isSingleFile: false,
    isPrivate: false,
  }),
  trackers: [['https://a.example/announce']],
  nodes: [{ host: '2001:db8::1', port: 6881 }],
  comment: 'hi',
  creationDate: 1_767_323_045,
})

const singleFile = {
  name: 'app',
  pieceLengthBytes: 16_384,
  pieceHashes: new Uint8Array(20),
  files: [{ path: ['app'], lengthBytes: 5, offsetBytes: 0, kind: 'file' as const }],
  isSingleFile: true,
  isPrivate: false,
}

describe('info', () => {
  it('says what is in a .torrent, without its padding', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.torrent'), torrentBytes)
    const summary = await info({ id: join(folder, 'a.torrent'), network: loopback() }, new Events(), never)
    expect(summary).toMatchObject({
      name: 'app',
      infoHashV2: null,
      pieces: 1,
      pieceLengthBytes: 16_384,
      isPrivate: false,
      isSingleFile: false,
      files: [{ path: 'app/sub/a.txt', lengthBytes: 5 }],
      trackers: [['https://a.example/announce']],
      nodes: ['[2001:db8::1]:6881'],
      comment: 'hi',
      createdBy: null,
      createdAt: '2026-01-02T03:04:05.000Z',
    })
    expect(summary.magnet).toBe(`magnet:?xt=urn:btih:${summary.infoHash}&dn=app&tr=https%3A%2F%2Fa.example%2Fannounce`)
  })

  it('shows no password and no signature of a web seed, and puts none into the magnet', async () => {
    const folder = await temporaryFolder()
    const hidden = ['https://user:secret@b.example/f', 'https://c.example/f?X-Amz-Signature=secret']
    const infoBytes = encodeInfo(singleFile)
    await writeFile(join(folder, 'a.torrent'), encodeMetainfo({ infoBytes, webSeeds: ['https://a.example/f', ...hidden] }))
    const summary = await info({ id: join(folder, 'a.torrent'), network: loopback() }, new Events(), never)
    expect(summary.webSeeds).toEqual(['https://a.example/f', 'https://b.example/f', 'https://c.example/f?...'])
    expect(summary.magnet).toBe(`magnet:?xt=urn:btih:${summary.infoHash}&dn=app&ws=https%3A%2F%2Fa.example%2Ff`)
    expect(JSON.stringify(summary)).not.toContain('secret')
  })

  it('shows no signature of a script that gives pieces either', () => {
    const metainfo = decodeMetainfo(encodeMetainfo({ infoBytes: encodeInfo(singleFile) }))
    expect(summarize({ ...metainfo, httpSeeds: ['http://a.example/s?key=secret'] }).webSeeds).toEqual(['bep17+http://a.example/s?...'])
  })

  it('reads one from a URL', async () => {
    const server = createServer((_request, response) => response.end(torrentBytes))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const id = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.torrent`
    expect(await info({ id, network: loopback() }, new Events(), never)).toMatchObject({ name: 'app' })
  })

  it('gives up on a silent server in time', async () => {
    const server = createServer(() => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const id = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await expect(info({ id, network: loopback({ timeoutMs: 50 }) }, new Events(), never)).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: 'The .torrent did not arrive within 0.1 s.',
    })
  })

  it('tells what was left out as warnings', async () => {
    const folder = await temporaryFolder()
    const text = Buffer.from(torrentBytes).toString('latin1').replace('26:https://a.example/announce', '18:javascript:alert(1')
    await writeFile(join(folder, 'a.torrent'), Buffer.from(text, 'latin1'))
    const events = new Events<VerbEvents>()
    const warnings: string[] = []
    events.on('warning', ({ message }) => warnings.push(message))
    expect((await info({ id: join(folder, 'a.torrent'), network: loopback() }, events, never)).trackers).toEqual([])
    expect(warnings).toHaveLength(1)
  })

  it.each([
    ['<html>login</html>', 'TORRENT_INVALID'],
    ['', 'TORRENT_INVALID'],
    ['d4:infole', 'TORRENT_INVALID'],
  ])('refuses a file that holds %j', async (content, code) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.torrent'), utf8Bytes(content))
    await expect(info({ id: join(folder, 'a.torrent'), network: loopback() }, new Events(), never)).rejects.toMatchObject({ code })
  })

  it('refuses a huge file before reading it, and what is no file', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'big'), new Uint8Array(10_000_001))
    const asked = (id: string) => info({ id, network: loopback() }, new Events(), never)
    await expect(asked(join(folder, 'big'))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await expect(asked(folder)).rejects.toMatchObject({ code: 'TORRENT_INVALID' })
    await expect(asked(join(folder, 'none'))).rejects.toMatchObject({ code: 'INPUT_MISSING' })
    await expect(asked(join(folder, 'big/x'))).rejects.toMatchObject({ code: 'INPUT_MISSING' })
  })
})
